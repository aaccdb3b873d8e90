from vernacular.cli.main import run

run()
