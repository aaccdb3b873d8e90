"""Places where work in a thread lets more urgent work go first.

Python runs one thread at a time, so a long piece of work delays all others. Whoever hands out threads can put a gate before its
work; the steps of the work call `breathe` where they may well wait for a moment, a millisecond or two apart. Never where they hold a
lock that others need, the database's for writing among them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_gate: ContextVar[Callable[[], None] | None] = ContextVar("gate", default=None)


def breathe() -> None:
    """Wait here if other work is more urgent; most often that costs nothing."""
    gate = _gate.get()
    if gate is not None:
        gate()


def put_gate(gate: Callable[[], None] | None) -> None:
    """Have `gate` called wherever work that begins in this context from now on breathes."""
    _gate.set(gate)
