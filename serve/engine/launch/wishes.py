from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from serve.engine.profiles.profile import Precision

TRUST = "--trust-remote-code"
Engine = Literal["", "vllm", "llama.cpp"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an operator asked for; empty, 0 or None: as it is best here.

    `name`: the server's; `model`: what clients call what it serves. `gpus`: how many each server takes, of `devices`
    (their indices) if any are named. `precision`: of the forms that the weights come in. `loras`: adapters active at once. `extra`: further arguments, which win over all
    others.
    """

    weights: str = ""
    engine: Engine = ""
    name: str = ""
    model: str = ""
    port: int = 0
    gpus: int = 0
    devices: tuple[int, ...] = ()
    context_tokens: int = 0
    cpu: bool = False
    precision: Precision | None = None
    replicas: int = 1
    loras: int = 0
    trust_remote_code: bool = False
    extra: tuple[str, ...] = ()

    @property
    def trusts_code(self) -> bool:
        return self.trust_remote_code or TRUST in self.extra

    def extra_value(self, flag: str) -> str:
        """What follows `flag` among the further arguments, or after its `=`; empty: it is not there."""
        for word, following in itertools.pairwise((*self.extra, "")):
            if word == flag:
                return following
            if word.startswith(f"{flag}="):
                return word.removeprefix(f"{flag}=")
        return ""
