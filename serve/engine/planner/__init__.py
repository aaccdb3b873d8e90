"""How many GPUs a model needs, and the exact command that serves it on them."""
