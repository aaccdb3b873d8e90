"""A question → what to search for: its language, and the subject it leaves to the conversation before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import regex
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from serve.rag.matching import pad
from serve.rag.varieties import LIKELY, Varieties, family_of
from serve.rag.words import Lexicon, lexicon
from vernacular.text.language import Language, identify
from vernacular.types import Detection, Understanding

_LOOK_BACK: Final = 3
_MOST_CARRIED: Final = 8
_MOST_FROM_TITLE: Final = 4
_FEW: Final = 1.0
"""Content, in words, that is too little for a question to stand alone."""
_SOME: Final = 3.0
"""Content up to which a pronoun or an opener such as "and …" makes a question a follow-up."""
_UNSURE: Final = 0.6
_GUESSED: Final = 0.25
"""Confidence under which the language of a word or two is a guess."""
_OTHER_LETTERS: Final = (
    "am ar bg bn el fa gu he hi hy ja ka km ko lo mk ml mn mr my nan ne pa ru si sr ta te th uk ur wuu yue zh"
)
"""Languages that are not written in Latin letters."""
_HAN: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_UNSPACED: Final = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_NAME: Final = regex.compile(r"(?<=\S\s)\p{Lu}\p{L}+|\p{N}{2,}")


def understand(
    question: str,
    history: Sequence[BaseMessage] = (),
    dialect: str | None = None,
    served: Sequence[str] = (),
    *,
    varieties: Varieties | None = None,
    declared: Sequence[str] = (),
) -> Understanding:
    """`history` are the turns before this question, oldest first; `dialect` is the variety that the person chose.

    `served`: the languages of the tenant, the first one first: what a question of no letters is taken to be in, and what
    one or two words are that could be in any language of their script. `declared`: its varieties. Without `varieties` none
    is told. The question is not expanded yet.
    """
    turns = [str(message.text) for message in history if isinstance(message, HumanMessage)][-_LOOK_BACK:]
    language = identify(question)
    code = _language(question, language, turns, served)
    detection = varieties.detect(question, language, declared, dialect) if varieties else None
    if varieties and detection:
        code = _of_detection(code, varieties, detection)
    carried = _carried(question, lexicon(detection.tag if detection and detection.tag else code), turns, history)
    query = " ".join((question, *carried))
    return Understanding(question, query, code, language.script, dialect, carried=carried, detection=detection)


def _language(question: str, language: Language, turns: Sequence[str], served: Sequence[str]) -> str:
    code = language.code
    if turns and (code == "und" or (language.confidence < _UNSURE and len(question.split()) <= _SOME)):
        code = identify(turns[-1]).code
    elif language.script == "Latn" and language.confidence < _GUESSED and len(question.split()) <= _SOME:
        code = next((tag for tag in (*served, "en") if _is_latin(tag)), code)
    if code == "und":
        code = served[0] if served else "en"
    return code


def _of_detection(code: str, varieties: Varieties, detection: Detection) -> str:
    """The language of the variety that the words tell: Arabic typed in Latin letters is Arabic."""
    likeliest = detection.candidates[0] if detection.candidates else (detection.tag, detection.confidence)
    pack = varieties.pack(likeliest[0])
    if pack is None or likeliest[1] < LIKELY or pack.manifest.family == family_of(code):
        return code
    return pack.manifest.family


def _is_latin(tag: str) -> bool:
    return tag.partition("-")[0] not in _OTHER_LETTERS.split()


def _carried(question: str, words: Lexicon, turns: list[str], history: Sequence[BaseMessage]) -> tuple[str, ...]:
    """The terms that the conversation lends to a question without a subject of its own."""
    padded = pad([question])[0]
    own = words.content(padded)
    if not turns or _stands_alone(question, padded, own, words):
        return ()
    lent: dict[str, None] = {}
    for turn in reversed(turns):
        content = lexicon(identify(turn).code).content(pad([turn])[0])
        lent.update(dict.fromkeys(content))
        if _size(content) > _FEW:
            break
    for title in _cited_titles(history)[:1]:
        lent.update(dict.fromkeys(words.content(pad([title])[0])[:_MOST_FROM_TITLE]))
    return tuple(term for term in lent if term not in own)[:_MOST_CARRIED]


def _stands_alone(question: str, padded: str, own: tuple[str, ...], words: Lexicon) -> bool:
    size = _size(own)
    if size > _SOME:
        return True
    if words.opens_follow_up(padded) or words.has_pronoun(padded):
        return False
    return size > _FEW or _NAME.search(question) is not None


def _size(content: Sequence[str]) -> float:
    """How much content there is, in words of a language that parts them."""
    size = 0.0
    for word in content:
        han, unspaced = len(_HAN.findall(word)), len(_UNSPACED.findall(word))
        size += han / 2 if han else unspaced / 5 if unspaced else 1
    return size


def _cited_titles(history: Sequence[BaseMessage]) -> list[str]:
    """Titles that the last answer cited, from the annotations it carries."""
    answers = [message for message in history if isinstance(message, AIMessage)]
    if not answers:
        return []
    annotations = answers[-1].additional_kwargs.get("annotations") or []
    return [str(each["title"]) for each in annotations if isinstance(each, dict) and each.get("title")]


def without_terms(understanding: Understanding, unwanted: Collection[str]) -> Understanding:
    """Without what its query was expanded with of these words, whatever their case."""
    refused = {term.casefold() for term in unwanted}
    kept = [
        replace(each, terms=tuple(term for term in each.terms if term.casefold() not in refused))
        for each in understanding.expansions
    ]
    return replace(understanding, expansions=tuple(each for each in kept if each.terms))
