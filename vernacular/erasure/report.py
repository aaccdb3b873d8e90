"""What an erasure did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Erased:
    """`counts`: what was removed, by kind. `files`: those that were removed or blanked. `left`: where traces were still found, or what
    could not be done, in sentences for whoever has to see to it; empty: nothing is known to be left."""

    what: str
    counts: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def described(self) -> dict[str, Any]:
        return {**asdict(self), "counts": dict(self.counts), "files": list(self.files), "left": list(self.left)}
