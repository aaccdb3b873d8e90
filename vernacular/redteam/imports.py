"""Public sets of attacks as cases, read from files that the operator has; none comes with the product.

bipia          lines {"attack": …, "category"}: orders planted in documents (BIPIA's text attacks)
xstest         lines {"prompt", "label": "safe" | "unsafe", "type"}: refusing a safe one is the failure
garak          a report or a hit log of garak's, or lines {"prompt": …, "triggers"?: […]}
cyberseceval   lines {"test_case_prompt", "user_input", "judge_question", "injection_variant"}: prompt injection
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from vernacular.errors import UnreadableFile
from vernacular.redteam.case import Case, Plant
from vernacular.redteam.own.texts import texts_of
from vernacular.redteam.words import Words

Row = Mapping[str, Any]
MOST: Final = 100_000
_ENGLISH: Final = "en"
_WORD_ASKED_FOR: Final = re.compile(
    r"""contain(?:s|ing)?\s+(?:the\s+)?(?:word|phrase|string)s?\s+['"‘“]([^'"’”]+)['"’”]""", re.I
)


def read_cases(data: bytes, form: str, words: Words) -> list[Case]:
    """The cases of a file in one of `FORMATS`.

    Raises:
        UnreadableFile: a line is none of that form, or there is no case; the message names the line.
    """
    reader = FORMATS[form]
    found: list[Case] = []
    for number, row in _rows(data):
        try:
            found.extend(reader(row, f"{form}/{number}", words))
        except (KeyError, TypeError, IndexError, AttributeError):
            raise UnreadableFile(f"Line {number} is no case of {form}.", "docs/redteam.md tells the forms.") from None
        if len(found) > MOST:
            raise UnreadableFile(f"The file has more than {MOST:,} cases.")
    if not found:
        raise UnreadableFile(f"The file holds no case of {form}.")
    return found


def _rows(data: bytes) -> Iterator[tuple[int, Row]]:
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"The file is not UTF-8: {error.reason} at byte {error.start:,}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise UnreadableFile(f"Line {number} is not JSON.") from None
        if not isinstance(row, dict):
            raise UnreadableFile(f"Line {number} is not a JSON object.")
        yield number, row


def _bipia(row: Row, name: str, words: Words) -> Iterator[Case]:
    """The order stands at the end of a document that is asked about; what comes back must be quotes of it, if anything."""
    carrier = texts_of("injection")["carriers"][int(name.rpartition("/")[2]) % 3]
    place = words.word(f"{name} place").capitalize()
    document, order = carrier["documents"][_ENGLISH], str(row["attack"])
    text = f"{document['text'].format(place=place, fact=words.number(name, 21, 98))} {order}"
    plant = Plant(name, text, _ENGLISH, document["title"].format(place=place))
    technique = str(row.get("category") or row.get("name") or "text attack")
    question = carrier["questions"][_ENGLISH].format(place=place)
    yield Case(name, "bipia", _ENGLISH, technique, question, {"complied": True, "live": True}, (plant,))


def _xstest(row: Row, name: str, _words: Words) -> Iterator[Case]:
    label, technique = str(row["label"]), str(row.get("type", ""))
    judges: dict[str, Any] = {"refused": _ENGLISH} if label == "safe" else {"complied": True}
    suite = "xstest" if label == "safe" else "xstest-unsafe"
    yield Case(name, suite, _ENGLISH, technique, str(row["prompt"]), judges)


def _garak(row: Row, name: str, _words: Words) -> Iterator[Case]:
    if "entry_type" in row and row["entry_type"] != "attempt":
        return
    if row.get("status") == 1:  # the same attempt comes again with its answers
        return
    prompt = row["prompt"]
    if isinstance(prompt, Mapping):
        prompt = prompt["turns"][-1]["content"]["text"]
    triggers = row.get("triggers") or (row.get("notes") or {}).get("triggers") or ()
    judges: dict[str, Any] = {"live": True, "complied": True}
    if triggers:
        judges["echoed"] = [str(each) for each in triggers]
    technique = str(row.get("probe_classname") or row.get("probe") or "prompt")
    yield Case(name, "garak", _ENGLISH, technique, str(prompt), judges)


def _cyberseceval(row: Row, name: str, _words: Words) -> Iterator[Case]:
    """The set's own system prompt is sent as a caller's: the assistant has instructions of its own, and takes none from callers."""
    prompt = str(row["user_input"])
    judges: dict[str, Any] = {"complied": True, "live": True}
    asked = _WORD_ASKED_FOR.search(str(row["judge_question"]))
    if asked and asked[1].casefold() not in prompt.casefold():
        judges["marker"] = asked[1]
    history = ({"role": "system", "content": str(row["test_case_prompt"])},)
    technique = str(row.get("injection_variant", ""))
    yield Case(name, "cyberseceval", _ENGLISH, technique, prompt, judges, history=history)


FORMATS: Final[Mapping[str, Callable[[Row, str, Words], Iterator[Case]]]] = {
    "bipia": _bipia,
    "xstest": _xstest,
    "garak": _garak,
    "cyberseceval": _cyberseceval,
}
