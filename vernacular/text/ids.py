"""Token ids: 32 bits, stable across processes and platforms, distinct between families.

The family stands in the two highest bits, so that no id of one vector can occur twice; below it are 30 bits of a
multiplicative hash of the token's code points. Unlike CRC or xxHash it is computed for all tokens of a batch at once.
"""

from __future__ import annotations

import functools
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from vernacular.text.segment import Runs, Segments

Keys: TypeAlias = npt.NDArray[np.uint64]

FAMILIES: Final = ("w", "g", "c")
FAMILY_BITS: Final = 30
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_FINAL_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_BASE: Final = 0xC6A4A7935BD1E995
_BASE_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_KEPT_POWERS: Final = 1 << 16


def word_ids(runs: Runs) -> Keys:
    """Ids of whole words (family w), of any length."""
    return _finish(_polynomial(runs), "w")


def gram_ids(runs: Runs, family: str) -> Keys:
    """Ids of tokens of at most four characters."""
    points = np.zeros(len(runs.points) + 3, dtype=np.uint64)
    points[:-3] = runs.points
    length = runs.ends - runs.starts
    key = points[runs.starts]
    longest = int(length.max(initial=1))
    for place in range(1, min(longest, 3)):
        key |= (points[runs.starts + place] * (length > place)) << np.uint64(21 * place)
    if longest > 3:
        key += points[runs.starts + 3] * (length > 3) * _MIX
    return _finish(key, family)


def ids_by_family(segments: Segments) -> list[tuple[str, Keys, Runs]]:
    """The parts of each family that has any, with their ids; w and c have up to two parts each."""
    parts = (
        ("w", segments.words),
        ("w", segments.codes),
        ("g", segments.padded),
        ("c", segments.unigrams),
        ("c", segments.grams),
    )
    return [
        (family, word_ids(runs) if family == "w" else gram_ids(runs, family), runs)
        for family, runs in parts
        if runs.starts.size
    ]


def _polynomial(runs: Runs) -> Keys:
    """Σ character·baseⁱ (mod 2⁶⁴) of each run, from the differences of one running sum."""
    size = len(runs.points)
    sums = np.zeros(size + 1, dtype=np.uint64)
    np.cumsum(runs.points * _powers(_BASE, size), out=sums[1:])
    return (sums[runs.ends] - sums[runs.starts]) * _powers(_BASE_INVERSE, size + 1)[runs.starts]


def _powers(base: int, count: int) -> Keys:
    return _power_table(base)[:count] if count <= _KEPT_POWERS else _compute_powers(base, count)


@functools.cache
def _power_table(base: int) -> Keys:
    return _compute_powers(base, _KEPT_POWERS)


def _compute_powers(base: int, count: int) -> Keys:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers)


def _finish(key: Keys, family: str) -> Keys:
    key = key * _MIX
    key ^= key >> np.uint64(32)
    key *= _FINAL_MIX
    key >>= np.uint64(64 - FAMILY_BITS)
    key |= np.uint64(FAMILIES.index(family) << FAMILY_BITS)
    return key
