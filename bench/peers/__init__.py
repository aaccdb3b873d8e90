"""Other libraries, each doing the benchmark's work in its defaults, in a process and an environment of their own."""
