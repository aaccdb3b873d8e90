"""Whether a model writes in the variety and script that it was asked for, told from the beginning of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

from serve.rag.varieties import Varieties, family_of
from serve.rag.voice import language_name
from vernacular.text.language import identify
from vernacular.text.scripts import UNDECIDED, chinese_script, count_scripts, main_script

ENOUGH: Final = {"Hani": 40, "other": 120}
"""Letters of an answer by which it is judged; a shorter one is judged as a whole, but for its variety."""
_LEAST: Final = 12
"""Letters below which nothing is said of an answer at all."""
_SURE: Final = 0.9
_MARKED: Final = 0.75
_CODE: Final = regex.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", regex.DOTALL)
_QUOTED: Final = regex.compile(r"「[^」]*」|“[^”]*”|«[^»]*»|『[^』]*』|\[\d+\]")
_HAN_SCRIPTS: Final = frozenset({"Hans", "Hant"})


@dataclass(frozen=True, slots=True)
class VarietyCheck:
    """`tag` is the variety that was asked for. Quotes, code and markers say nothing: they stay as documents have them."""

    varieties: Varieties
    tag: str

    def is_enough(self, text: str) -> bool:
        """Whether there is so much of the answer that `complaint` can judge it."""
        counts = count_scripts(_own_words(text))
        return bool(counts) and sum(counts.values()) >= ENOUGH["Hani" if main_script(counts) == "Hani" else "other"]

    def complaint(self, text: str) -> str:
        """What is wrong with the answer, as a model is told; empty: nothing, or it cannot be told."""
        own = _own_words(text)
        counts = count_scripts(own)
        if sum(counts.values()) < _LEAST:
            return ""
        pack = self.varieties.pack(self.tag)
        family = pack.manifest.family if pack else family_of(self.tag)
        language = identify(own)
        if family_of(language.code) != family and language.confidence >= _SURE:
            return self._insist("another language")
        script, share = chinese_script(own) if family == "zh" else ("", UNDECIDED)
        wanted = next((part for part in self.tag.split("-") if part in _HAN_SCRIPTS), script)
        if script != wanted and share >= _MARKED:
            return self._insist("another script")
        if pack is None or not pack.manifest.standard or not self.is_enough(text):
            return ""
        detection = self.varieties.detect(own, language)
        kin = {each.tag for each in self.varieties.chain(pack) if each.manifest.standard}
        if detection.tag is not None and detection.tag not in kin and detection.confidence >= _SURE:
            return self._insist("another variety")
        return ""

    def _insist(self, wrong: str) -> str:
        return f"Your last answer was in {wrong}: write every sentence in {language_name(self.tag) or 'the language of the question'}."


def check_for(varieties: Varieties, tag: str) -> VarietyCheck | None:
    """A check of answers in `tag`, where a model may well write in a kin of it; None: nobody waits for it."""
    pack = varieties.pack(tag)
    may_differ = family_of(tag) == "zh" or (pack is not None and pack.manifest.standard)
    return VarietyCheck(varieties, tag) if may_differ else None


def _own_words(text: str) -> str:
    return _QUOTED.sub(" ", _CODE.sub(" ", text))
