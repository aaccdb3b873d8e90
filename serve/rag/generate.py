"""The extractive generator: the sentences that answer best, quoted as they stand.

A sentence scores by the patterns of the question it holds, weighted by their IDF among the sentences of the chosen
passages, with something from its neighbours, its passage, and a number where the question asks for one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from serve.rag.evidence import Column, Quote, Ranking, content_weights, idf
from serve.rag.words import Lexicon
from vernacular.types import Hit, Span
from vernacular.vision import MARK

PREVIOUS, NEXT, PASSAGE, NUMBER, BEFORE = 0.2, 0.2, 3.0, 0.5, 0.2
FAR_BEHIND, ADDS = 0.6, 0.005
"""Shares of the first quote's score, and of what it holds of the question, under which a sentence is no further quote."""
FIRST, FURTHER = 450, 400
"""Characters that the first quote and further ones may have if they are two sentences, Han and kana counting for 2.3."""
_DENSE: Final = 2.33
_TYPICAL_SENTENCE: Final = 120
_GRAM: Final = 5
_SAME: Final = 0.8
_HAN: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_ROW: Final = regex.compile(r"[ \t]*\||[^\n\t]*\t")
_FIELD: Final = regex.compile(r"[^\n:：.。]{1,30}[:：](?!//)")
_HEADING: Final = regex.compile(r"#{1,6}[ \t]")
_DIGIT: Final = regex.compile(r"\p{N}")
_RULE: Final = regex.compile(r"[|\s:\-]+")


def generate(ranking: Ranking, chosen: tuple[int, ...], words: Lexicon, limit: int) -> list[Quote]:
    """At most `limit` quotes from the chosen passages, the most direct answer first.

    Headings and the names of a table's columns are no quotes, nor are rows that hold nothing of the question's subject.
    Quotes after the first must be worth reading beside it, and say something else.
    """
    sentences = ranking.evidence.sentences
    rows = np.flatnonzero(np.isin(sentences.owner, chosen))
    if not rows.size:
        return []
    subject = content_weights(ranking.evidence, words)
    strength, scores = _scores(ranking, rows, words)
    answers = [_may_answer(ranking, int(row), subject) for row in rows]
    order = [place for place in np.argsort(-scores, kind="stable").tolist() if answers[place]]
    by_row = {int(rows[place]): float(scores[place]) for place in order}
    quotes: list[Quote] = []
    said: list[frozenset[str]] = []
    taken: set[int] = set()
    for place in order:
        row = int(rows[place])
        if len(quotes) == limit or scores[place] < FAR_BEHIND * scores[order[0]]:
            break
        if row in taken or (quotes and strength[place] < ADDS * strength[order[0]]):
            continue
        members = _with_neighbour(ranking, row, by_row, taken, FURTHER if quotes else FIRST)
        grams = frozenset().union(*(_grams(sentences.padded[each]) for each in members))
        if any(_same(grams, other) for other in said):
            continue
        taken.update(members)
        said.append(grams)
        quotes.append(_quote(ranking.evidence.hits[int(sentences.owner[row])], [sentences.spans[at] for at in members]))
    return quotes


def _may_answer(ranking: Ranking, row: int, subject: Column) -> bool:
    evidence = ranking.evidence
    sentences = evidence.sentences
    hit, span = evidence.hits[int(sentences.owner[row])], sentences.spans[row]
    if _is_heading(hit, span):
        return False
    if not _is_row(hit.text, span):
        return True
    return not _names_columns(hit.text, span) and float(sentences.words[row] @ subject) > 0


def _grams(padded: str) -> frozenset[str]:
    return frozenset(padded[at : at + _GRAM] for at in range(max(1, len(padded) - _GRAM + 1)))


def _same(grams: frozenset[str], other: frozenset[str]) -> bool:
    return len(grams & other) >= _SAME * min(len(grams), len(other))


def _scores(ranking: Ranking, rows: npt.NDArray[np.intp], words: Lexicon) -> tuple[Column, Column]:
    """What each sentence holds of the question, the most being 1; and the score that it is chosen by."""
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
    return strength, scores


def _with_neighbour(ranking: Ranking, row: int, scores: dict[int, float], taken: set[int], longest: int) -> list[int]:
    """The sentence, and the better of those beside it where both together are no longer than a quote may be."""
    sentences = ranking.evidence.sentences
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
        if "\n" in text or _width(text) > longest or scores[other] + BEFORE * (other < row) <= best_score:
            continue
        best, best_score = [first, last], scores[other] + BEFORE * (other < row)
    return best


def _width(text: str) -> float:
    return len(text) + (_DENSE - 1) * len(_HAN.findall(text))


def _quote(hit: Hit, spans: list[Span]) -> Quote:
    return Quote(hit, spans[0].start, spans[-1].end, _context(hit, spans[0]))


def _is_heading(hit: Hit, span: Span) -> bool:
    if _HEADING.match(hit.text, span.start):
        return True
    line = " ".join(hit.text[span.start : span.end].split())
    return line in (hit.title, MARK) or line in hit.headings


def _is_row(text: str, span: Span) -> bool:
    return _ROW.match(text, text.rfind("\n", 0, span.start) + 1, span.end) is not None


def _names_columns(text: str, span: Span) -> bool:
    """Whether the row is the first of its table, and ruled off or followed by the figures it has none of."""
    above = text[: span.start].rstrip("\n |\t").rpartition("\n")[2] if text.rfind("\n", 0, span.start) >= 0 else ""
    if _ROW.match(above):
        return False
    below = text[span.end :].lstrip(" |\t").lstrip("\n").partition("\n")[0]
    if not _ROW.match(below):
        return False
    ruled = _RULE.fullmatch(below) is not None
    return ruled or (_DIGIT.search(below) is not None and _DIGIT.search(text, span.start, span.end) is None)


def _is_line(text: str, span: Span) -> bool:
    """Whether the sentence is a row of a table or a `field: value` line."""
    begin = text.rfind("\n", 0, span.start) + 1
    return _is_row(text, span) or (begin == span.start and _FIELD.match(text, span.start, span.end) is not None)


def _context(hit: Hit, span: Span) -> str:
    """What a row or a `field: value` line leaves unsaid: what it is about, and the names of the columns."""
    if not _is_line(hit.text, span):
        return ""
    about = hit.headings[-1] if hit.headings else hit.title
    header = _header(hit.text, span)
    return " — ".join(part for part in (" ".join(about.split()), header) if part)


def _header(text: str, span: Span) -> str:
    """The first row of the table that the row at `span` belongs to; empty for anything else."""
    if not _is_row(text, span):
        return ""
    header = ""
    for line in reversed(text[: span.start].split("\n")[:-1]):
        if not _ROW.match(line):
            break
        if not _RULE.fullmatch(line):
            header = line
    return " | ".join(cell.strip() for cell in regex.split(r"[|\t]", header) if cell.strip())
