"""Lists as people write them: parted by the commas of their script."""

from __future__ import annotations

import re
from typing import Final

_COMMAS: Final = re.compile("[,،，、﹐､]")


def parted(text: str) -> list[str]:
    """What stands between the commas, Latin, Arabic or Chinese ones; empty parts are left out."""
    return [part for each in _COMMAS.split(text) if (part := each.strip())]
