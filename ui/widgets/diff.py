"""Two texts and what is different between them: told by signs and by words for screen readers, not by colour alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from ui.i18n import Strings
from ui.widgets.escape import escape_html

Kind = Literal["same", "added", "removed"]
_UNSPACED: Final = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: compared letter by letter."""
_WORDS: Final = re.compile(rf"\s+|[^\W_{_UNSPACED}]+|.", re.DOTALL)
_ALIKE: Final = 0.5
"""From which likeness on two lines are one that was changed."""


@dataclass(frozen=True, slots=True)
class Side:
    """A line on one side: its words, each with whether it is on this side alone. `number`: from 1."""

    number: int
    words: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(word for word, _ in self.words)


@dataclass(frozen=True, slots=True)
class Row:
    """What stands beside each other; the same line twice where nothing changed. None: it has no counterpart."""

    old: Side | None
    new: Side | None
    same: bool = False


def rows(old: str, new: str) -> list[Row]:
    before, after = old.splitlines(), new.splitlines()
    found: list[Row] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(range(a, b), range(c, d), strict=True)
            found += [Row(_whole(i, before[i]), _whole(j, after[j]), same=True) for i, j in pairs]
        else:
            found += _changed(before, after, range(a, b), range(c, d))
    return found


def counts(found: Sequence[Row]) -> tuple[int, int]:
    """How many lines were added, and how many removed; a changed one is both."""
    added = sum(1 for row in found if row.new and not row.same)
    return added, sum(1 for row in found if row.old and not row.same)


def unified_html(strings: Strings, old: str, new: str) -> str:
    lines = "".join(_unified(strings, rows(old, new)))
    return f'<div class="vn-diff" role="region" tabindex="0" aria-label="{escape_html(_name(strings))}"><table>{lines}</table></div>'


def side_by_side_html(strings: Strings, old: str, new: str, heads: tuple[str, str]) -> str:
    body = "".join(
        f"<tr>{_cells(strings, row.old, 'same' if row.same else 'removed')}{_cells(strings, row.new, 'same' if row.same else 'added')}</tr>"
        for row in rows(old, new)
    )
    head = "".join(f'<th scope="col" colspan="2">{escape_html(each)}</th>' for each in heads)
    return (
        f'<div class="vn-diff vn-diff-wide" role="region" tabindex="0" aria-label="{escape_html(_name(strings))}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _name(strings: Strings) -> str:
    return strings.text("What is different")


def _unified(strings: Strings, found: Sequence[Row]) -> Iterator[str]:
    for row in found:
        if row.same and row.new:
            yield f"<tr>{_cells(strings, row.new, 'same')}</tr>"
            continue
        if row.old:
            yield f"<tr>{_cells(strings, row.old, 'removed')}</tr>"
        if row.new:
            yield f"<tr>{_cells(strings, row.new, 'added')}</tr>"


def _cells(strings: Strings, side: Side | None, kind: Kind) -> str:
    if side is None:
        return '<td class="vn-diff-sign"></td><td class="vn-diff-none"></td>'
    sign, word = {
        "same": ("", ""),
        "added": ("+", strings.text("added:")),
        "removed": ("−", strings.text("removed:")),
    }[kind]
    spoken = f'<span class="vn-hidden">{escape_html(word)} </span>' if word else ""
    shown = f'<td class="vn-diff-sign"><span aria-hidden="true">{sign}</span>{spoken}</td>'
    tag = {"same": "span", "added": "ins", "removed": "del"}[kind]
    text = "".join(f"<b>{escape_html(each)}</b>" if own else escape_html(each) for each, own in side.words)
    return f'{shown}<td class="vn-diff-{kind}" dir="auto"><{tag}>{text or "&nbsp;"}</{tag}></td>'


def _changed(before: Sequence[str], after: Sequence[str], gone: range, come: range) -> list[Row]:
    """Each line that went beside the next one that came and is alike enough to be the same, changed."""
    found: list[Row] = []
    next_new = come.start
    for i in gone:
        for j in range(next_new, come.stop):
            pair = _pair((i, before[i]), (j, after[j]))
            if pair is not None:
                found += [Row(None, _whole(each, after[each])) for each in range(next_new, j)]
                found.append(pair)
                next_new = j + 1
                break
        else:
            found.append(Row(_whole(i, before[i]), None))
    return found + [Row(None, _whole(each, after[each])) for each in range(next_new, come.stop)]


def _pair(old_line: tuple[int, str], new_line: tuple[int, str]) -> Row | None:
    """None: they are not alike."""
    before, after = _split(old_line[1]), _split(new_line[1])
    match = SequenceMatcher(None, before, after, autojunk=False)
    if match.ratio() < _ALIKE:
        return None
    old: list[tuple[str, bool]] = []
    new: list[tuple[str, bool]] = []
    for tag, a, b, c, d in match.get_opcodes():
        old += [("".join(before[a:b]), tag != "equal")] if b > a else []
        new += [("".join(after[c:d]), tag != "equal")] if d > c else []
    return Row(Side(old_line[0] + 1, tuple(old)), Side(new_line[0] + 1, tuple(new)))


def _whole(at: int, text: str) -> Side:
    return Side(at + 1, ((text, False),) if text else ())


def _split(line: str) -> list[str]:
    return _WORDS.findall(line)
