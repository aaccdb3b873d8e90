"""Whether a pack is worth its place: its own questions, in the variety and in standard wording, over its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from vernacular.dialects.pack import Pack
from vernacular.evaluation.lexical import LexicalIndex
from vernacular.types import Understanding

AT: Final = (1, 5)
Understand = Callable[[str], Understanding]


def prove(pack: Pack, family: Iterable[Pack], understand: Understand) -> dict[str, Any]:
    """Recall over the texts of the pack and its family: of the standard wordings, and of the pack's without and with expansion.

    `detected`: the share of questions of which the variety was told; `mistaken`: of standard wordings taken for the variety.
    `missed`: the questions whose text is not the first one with expansion, and what they were expanded with.
    """
    rows = pack.evaluation
    texts = list(dict.fromkeys(str(row["text"]) for each in (pack, *family) for row in each.evaluation))
    index, places = LexicalIndex(texts), {text: at for at, text in enumerate(texts)}
    gold = [places[str(row["text"])] for row in rows]
    standard = [understand(str(row["standard"])) for row in rows]
    asked = [understand(str(row["question"])) for row in rows]
    with_them = [index.rank(_expanded(found), at) for found, at in zip(asked, gold, strict=True)]
    return {
        "tag": pack.tag,
        "questions": len(rows),
        "texts": len(texts),
        "standard": _recall(
            [index.rank([(found.question, 1.0)], at) for found, at in zip(standard, gold, strict=True)]
        ),
        "without": _recall([index.rank([(found.question, 1.0)], at) for found, at in zip(asked, gold, strict=True)]),
        "with": _recall(with_them),
        "detected": _share([_is(found, pack) for found in asked]),
        "mistaken": _share([_is(found, pack) for found in standard]) if pack.manifest.standard else None,
        "missed": [
            {
                "question": found.question,
                "rank": rank,
                "added": [term for each in found.expansions for term in each.terms],
            }
            for found, rank in zip(asked, with_them, strict=True)
            if rank != 1
        ],
    }


def _expanded(found: Understanding) -> list[tuple[str, float]]:
    return [(found.query, 1.0), *((term, each.weight) for each in found.expansions for term in each.terms)]


def _is(found: Understanding, pack: Pack) -> bool:
    return found.detection is not None and found.detection.tag == pack.tag


def _recall(ranks: Sequence[int | None]) -> dict[str, float | None]:
    return {f"recall@{k}": _share([rank is not None and rank <= k for rank in ranks]) for k in AT}


def _share(held: Sequence[bool]) -> float | None:
    return round(sum(held) / len(held), 4) if held else None
