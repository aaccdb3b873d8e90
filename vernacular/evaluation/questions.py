"""A tenant's evaluation questions: JSON lines, one question each.

    {"qid": "17", "lang": "yue-Hant-HK", "question": "…", "cid": "id-card", "answers": ["425"], "answerable": true}

`cid` is the source id of the document that answers, null (or `answerable` false) where none does. `answers`: texts of which a
right answer holds one; empty: a right answer cites that document. The same `qid` in several `lang`s is the same question in
other words. `set` groups questions; other fields are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vernacular.errors import UnreadableFile

MOST: Final = 100_000
MAX_CHARS: Final = 4000


@dataclass(frozen=True, slots=True)
class Question:
    """`gold` None: no document answers it. `answers` may be empty."""

    qid: str
    lang: str
    text: str
    gold: str | None
    answers: tuple[str, ...] = ()
    group: str = ""


def read_questions(data: bytes, groups: Sequence[str] = ()) -> list[Question]:
    """The questions of a file; only those of the sets `groups`, if any are given.

    Raises:
        UnreadableFile: a line is not a question, or there is none; the message names the line.
    """
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"The questions are not UTF-8: {error.reason} at byte {error.start:,}.") from None
    found = [_question(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    chosen = [question for question in found if not groups or question.group in groups]
    if not chosen or len(chosen) > MOST:
        names = sorted({question.group for question in found if question.group})
        raise UnreadableFile(
            f"There are {len(chosen):,} questions, and there must be 1 to {MOST:,}.",
            f"The file has the sets {', '.join(names)}." if names else "Write one JSON object a line.",
        )
    return chosen


def digest_of(questions: Iterable[Question]) -> str:
    """SHA-256, in hexadecimal, of all that a run's figures depend on."""
    rows = [[each.group, each.qid, each.lang, each.text, each.gold, list(each.answers)] for each in questions]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _question(number: int, line: str) -> Question:
    try:
        row: Any = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()  # JSON can name half a character, which cannot be sent
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"Line {number} of the questions is not JSON: {error}.") from None
    if not isinstance(row, dict) or not isinstance(text := row.get("question"), str) or not text.strip():
        raise UnreadableFile(f"Line {number} of the questions has no `question`.", 'Write {"question": "…", "cid": …}.')
    if len(text) > MAX_CHARS:
        raise UnreadableFile(f"The question in line {number} has {len(text):,} characters.", "Ask in fewer words.")
    if "cid" not in row and row.get("answerable") is not False:
        raise UnreadableFile(
            f"Line {number} of the questions has no `cid`.",
            "Name the document that answers by its source id; null: none does.",
        )
    gold = row.get("cid") if row.get("answerable") is not False else None
    answers = row.get("answers") or []
    return Question(
        str(row.get("qid") or row.get("id") or number),
        str(row.get("lang") or row.get("language") or "und"),
        text.strip(),
        None if gold is None else str(gold),
        tuple(str(answer) for answer in (answers if isinstance(answers, list) else [answers]) if str(answer).strip()),
        str(row.get("set") or ""),
    )
