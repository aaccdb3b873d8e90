"""Dialect packs, the detection of a question's variety, and its expansion with what documents call the same thing."""
