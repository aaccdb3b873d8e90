"""LoRA adapters: what is let in, which rows say what is loaded, and which adapter an answer is made with."""

from serve.engine.adapters.choice import choose

__all__ = ["choose"]
