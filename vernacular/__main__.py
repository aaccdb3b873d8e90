from vernacular.cli.main import main

main()
