"""The extractive generator: the sentences that answer best, quoted as they stand.

A sentence scores by the patterns of the question it holds, weighted by their IDF among the sentences of the chosen
passages, with something from its neighbours, its passage, and a number where the question asks for one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from serve.rag.evidence import Column, Quote, Ranking, Sentences, idf
from serve.rag.words import Lexicon
from vernacular.types import Hit, Span

PREVIOUS, NEXT, PASSAGE, NUMBER, BEFORE = 0.2, 0.2, 3.0, 0.5, 0.2
LONGEST: Final = 450
"""Characters a quote of two sentences may have, a Han or kana character counting for 2.3."""
_DENSE: Final = 2.33
_FAR_BEHIND: Final = 0.35
_TYPICAL_SENTENCE: Final = 120
_HAN: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_ROW: Final = regex.compile(r"[ \t]*\||[^\n\t]*\t")
_FIELD: Final = regex.compile(r"[^\n:：.。]{1,30}[:：](?!//)")
_RULE: Final = regex.compile(r"[|\s:\-]+")


def generate(ranking: Ranking, chosen: tuple[int, ...], words: Lexicon, limit: int) -> list[Quote]:
    """At most `limit` quotes from the chosen passages, the most direct answer first."""
    sentences = ranking.evidence.sentences
    rows = np.flatnonzero(np.isin(sentences.owner, chosen))
    if not rows.size:
        return []
    scores = _scores(ranking, rows, words)
    quotes: list[Quote] = []
    taken: set[int] = set()
    for place in np.argsort(-scores, kind="stable").tolist():
        if len(quotes) == limit or scores[place] < _FAR_BEHIND * scores.max():
            break
        row = int(rows[place])
        if row in taken:
            continue
        members = _with_neighbour(
            ranking, sentences, row, dict(zip(rows.tolist(), scores.tolist(), strict=True)), taken
        )
        taken.update(members)
        quotes.append(_quote(ranking.evidence.hits[int(sentences.owner[row])], [sentences.spans[at] for at in members]))
    return quotes


def _scores(ranking: Ranking, rows: npt.NDArray[np.intp], words: Lexicon) -> Column:
    sentences, asked = ranking.evidence.sentences, ranking.evidence.terms.padded
    found = sentences.found[rows].astype(np.float64)
    lengths = np.array([sentences.spans[row].end - sentences.spans[row].start for row in rows])
    strength: Column = found @ idf(found) / (0.95 + 0.05 * lengths / _TYPICAL_SENTENCE)
    strength /= max(float(strength.max()), 1e-9)
    owner = sentences.owner[rows]
    adjacent = (np.diff(owner) == 0) & (np.diff(rows) == 1)
    scores = strength.copy()
    scores[1:] += PREVIOUS * strength[:-1] * adjacent
    scores[:-1] += NEXT * strength[1:] * adjacent
    scores += PASSAGE * ranking.scores[owner] / max(float(ranking.scores.max()), 1e-9)
    if words.asks_quantity(asked):
        known = words.numbers_in(asked)
        scores += NUMBER * np.array([bool(words.numbers_in(sentences.padded[row]) - known) for row in rows])
    return scores


def _with_neighbour(
    ranking: Ranking, sentences: Sentences, row: int, scores: dict[int, float], taken: set[int]
) -> list[int]:
    """The sentence, and the better of those beside it where both together are no longer than a quote may be."""
    hit = ranking.evidence.hits[int(sentences.owner[row])]
    if _is_line(hit.text, sentences.spans[row]):
        return [row]
    best: list[int] = [row]
    best_score = -1.0
    for other in (row + 1, row - 1):
        if other not in scores or other in taken or sentences.owner[other] != sentences.owner[row]:
            continue
        first, last = sorted((row, other))
        text = hit.text[sentences.spans[first].start : sentences.spans[last].end]
        if "\n" in text or _width(text) > LONGEST or scores[other] + BEFORE * (other < row) <= best_score:
            continue
        best, best_score = [first, last], scores[other] + BEFORE * (other < row)
    return best


def _width(text: str) -> float:
    return len(text) + (_DENSE - 1) * len(_HAN.findall(text))


def _quote(hit: Hit, spans: list[Span]) -> Quote:
    return Quote(hit, spans[0].start, spans[-1].end, _context(hit, spans[0]))


def _is_line(text: str, span: Span) -> bool:
    """Whether the sentence is a row of a table or a `field: value` line."""
    begin = text.rfind("\n", 0, span.start) + 1
    return _ROW.match(text, begin, span.end) is not None or (
        begin == span.start and _FIELD.match(text, span.start, span.end) is not None
    )


def _context(hit: Hit, span: Span) -> str:
    """What a row or a `field: value` line leaves unsaid: what it is about, and the names of the columns."""
    if not _is_line(hit.text, span):
        return ""
    about = hit.headings[-1] if hit.headings else hit.title
    header = _header(hit.text, span)
    return " — ".join(part for part in (" ".join(about.split()), header) if part)


def _header(text: str, span: Span) -> str:
    """The first row of the table that the row at `span` belongs to; empty for anything else."""
    if not _ROW.match(text, text.rfind("\n", 0, span.start) + 1, span.end):
        return ""
    header = ""
    for line in reversed(text[: span.start].split("\n")[:-1]):
        if not _ROW.match(line):
            break
        if not _RULE.fullmatch(line):
            header = line
    return " | ".join(cell.strip() for cell in regex.split(r"[|\t]", header) if cell.strip())
