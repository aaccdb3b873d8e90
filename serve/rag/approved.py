"""A question that editors have approved an answer for → that answer, whole and as they wrote it.

It comes for the question that they named, in other words or in another variety, and for no question that is merely near.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import regex

from serve.rag.asks import agree, asked
from serve.rag.facts import facts, missing_figures
from serve.rag.matching import pad
from serve.rag.sameness import SAME, Phrasing, folded, likeness, phrasing
from vernacular.approved import SOURCE, blocks, layout
from vernacular.db.models import ApprovedAnswerRow, DocumentTextRow
from vernacular.tenancy import TenantScope
from vernacular.types import Answer, Citation, Hit, Understanding

ANSWERED: Final = "answered"
_ANSWERS: Final = 8
"""Approved answers that are looked at, those first that the index finds first."""
_WORDINGS: Final = 10
"""Of all ways of asking for them, those that are compared both ways."""
_WORTH_COMPARING: Final = 0.35
"""Share of the question that another must hold, letter for letter, to be compared with it at all."""
_ROW: Final = regex.compile(r"[ \t]*\||[^\n]*\t")
_FENCE: Final = regex.compile(r"(?:```|~~~)[ \t]*$")


def approved(
    scope: TenantScope, understanding: Understanding, hits: Sequence[Hit], understand: Callable[[str], Understanding]
) -> Answer | None:
    """The approved answer to the question; None: there is none. `understand`: as the question was understood.

    A question that leans on the conversation before it says too little of what it asks for.
    """
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.source == SOURCE:
            found.setdefault(hit.source_id, []).append(hit)
    if not found or understanding.carried:
        return None
    rows = _rows(scope, list(found)[:_ANSWERS])
    row = _best(understanding, rows, hits, understand)
    return None if row is None else _answer(scope, understanding, row, found[row.id])


def _rows(scope: TenantScope, ids: Sequence[str]) -> list[ApprovedAnswerRow]:
    statement = scope.select(ApprovedAnswerRow).where(
        ApprovedAnswerRow.id.in_(ids), ApprovedAnswerRow.active.is_(True), ApprovedAnswerRow.question != ""
    )
    rows = {row.id: row for row in scope.execute(statement).scalars()}
    return [rows[each] for each in ids if each in rows]


def _best(
    understanding: Understanding,
    rows: Sequence[ApprovedAnswerRow],
    hits: Sequence[Hit],
    understand: Callable[[str], Understanding],
) -> ApprovedAnswerRow | None:
    wordings = [(row, text) for row in rows for text in (row.question, *row.variants)]
    if not wordings:
        return None
    own, *others = folded([understanding.query, *(text for _, text in wordings)])
    if own in others:
        return wordings[others.index(own)][0]
    question = phrasing(understanding)
    texts = pad(["\n".join((hit.title, hit.text)) for hit in hits])
    best, best_likeness = None, 0.0
    for at in _worth_comparing(question, understanding, [text for _, text in wordings]):
        row, text = wordings[at]
        found = likeness(question, phrasing(understand(text)), texts)
        if found > best_likeness:
            best, best_likeness = row, found
    return best if best_likeness >= SAME else None


def _worth_comparing(question: Phrasing, understanding: Understanding, wordings: Sequence[str]) -> list[int]:
    """Places of the wordings that hold most of the question, the best first; to understand one takes as long as the question did."""
    padded, language = pad(wordings), understanding.language
    held = question.units.held(question.terms, question.terms.matches(padded)) @ question.units.worth
    shares = held / max(float(question.units.worth.sum()), 1e-9)
    order = np.argsort(-shares, kind="stable").tolist()
    return [
        at
        for at in order
        if (shares[at] >= _WORTH_COMPARING or not question.asked.in_script)
        and agree(question.asked, asked(padded[at], language))
        and not missing_figures(question.facts.figures, facts(wordings[at], language, padded[at]).figures)
    ][:_WORDINGS]


def _answer(
    scope: TenantScope, understanding: Understanding, row: ApprovedAnswerRow, hits: Sequence[Hit]
) -> Answer | None:
    """None: its document does not say what the answer is by now, and nothing could be cited."""
    hit = hits[0]
    kept = scope.get(DocumentTextRow, hit.document_id)
    text = layout(row.question, row.variants, row.answer)
    if kept is None or kept.text != text:
        return None
    offset, said, last, citations = len(text) - len(row.answer), "", 0, list[Citation]()
    for number, span in enumerate(blocks(row.answer), 1):
        quote = row.answer[span.start : span.end]
        start, end = offset + span.start, offset + span.end
        citations.append(_citation(number, hit, quote, start, end))
        said += f"{row.answer[last : span.end]}{_between(quote)}[{number}]"
        last = span.end
    retrieved = tuple((each.chunk_id, each.document_id) for each in hits)
    return Answer(said, True, ANSWERED, understanding, tuple(citations), retrieved, row.id)


def _between(block: str) -> str:
    """What parts a block from its marker, which would be a cell of a table, or a line of code."""
    last = block.rpartition("\n")[2]
    return "\n\n" if _ROW.match(last) or _FENCE.match(last) else " "


def _citation(number: int, hit: Hit, quote: str, start: int, end: int) -> Citation:
    return Citation(
        index=number,
        document_id=hit.document_id,
        source_id=hit.source_id,
        title=hit.title,
        quote=quote,
        start=start,
        end=end,
        uri=hit.uri,
        filename=hit.filename,
        valid_from=hit.valid_from,
        valid_until=hit.valid_until,
    )
