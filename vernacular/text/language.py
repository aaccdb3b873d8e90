"""The language and script of a text, from a few words up.

Scripts that write one language decide by themselves; Chinese varieties are told apart by characters of their own; for
the rest a naive Bayes model over byte n-grams (py3langid) decides among the languages of the script.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from vernacular.text.scripts import LANGUAGE_OF, LANGUAGES_OF, UNDECIDED, chinese_script, count_scripts, main_script
from vernacular.text.sinitic import is_cantonese, is_hokkien

SAMPLE: Final = 2000
"""Characters looked at: more do not change the answer."""
KANA_SHARE: Final = 0.1
_VARIETIES: Final = {"arz": "ar", "ary": "ar"}
_CHINESE: Final = ("zh-Hans", "zh-Hant", "yue-Hans", "yue-Hant", "nan-Hant")
_MODEL_LOCK: Final = threading.Lock()

LANGUAGES: Final = frozenset(
    {*LANGUAGE_OF.values(), *_CHINESE, "ja", "und"}
    | {_VARIETIES.get(code, code) for codes in LANGUAGES_OF.values() for code in codes}
) - {"zh", "yue"}
"""Every `Language.code` that `identify` can return."""

_FAVOURED: Final = {"en": 1.4, "es": 1.2, "hi": 3.0, "ru": 1.6, "tr": 1.4, "ro": 1.2}
"""What a few words are in when the model finds near kin as likely, by how many write them."""
_LEAST_CANTONESE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is one of `LANGUAGES` (`und`: no letters), `script` an ISO 15924 code (`Zyyy`: none), `confidence` 0 to 1."""

    code: str
    script: str
    confidence: float


def identify(text: str) -> Language:
    """The language that most of `text` is in. Arabic varieties are all `ar`; a dialect pack tells them apart."""
    sample = text[:SAMPLE]
    counts = count_scripts(sample)
    if not counts:
        return Language("und", "Zyyy", 0.0)
    script = main_script(counts)
    kana, han = counts.get("Kana", 0), counts.get("Hani", 0)
    if script in ("Kana", "Hani") and kana > KANA_SHARE * (kana + han):
        return Language("ja", "Jpan", kana / (kana + han))
    if script == "Hani":
        return _chinese(sample)
    if code := LANGUAGE_OF.get(script):
        return Language(code, "Kore" if code == "ko" else script, counts[script] / sum(counts.values()))
    code, confidence = _among(sample, LANGUAGES_OF[script])
    return Language(_VARIETIES.get(code, code), script, confidence)


def _chinese(text: str) -> Language:
    script, share = chinese_script(text)
    if script == "Hant" and is_hokkien(text):
        return Language("nan-Hant", "Hant", share)
    code, confidence = _among(text, LANGUAGES_OF["Hani"])
    likely = script == "Hant" and code == "yue" and confidence >= _LEAST_CANTONESE
    code = "yue" if is_cantonese(text, likely=likely) else "zh"
    if code == "yue" and share == UNDECIDED:
        script = "Hant"
    return Language(f"{code}-{script}", script, share)


def _among(text: str, codes: tuple[str, ...]) -> tuple[str, float]:
    """The most likely of `codes`, and its likelihood among them, 0 to 1."""
    scores = {code: score * _FAVOURED.get(code, 1.0) for code, score in _model().rank(text) if code in codes}
    best = max(scores, key=lambda code: scores[code])
    return best, scores[best] / (sum(scores.values()) or 1.0)


def _model() -> LanguageIdentifier:
    with _MODEL_LOCK:
        return _load_model()


@functools.cache
def _load_model() -> LanguageIdentifier:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(sorted({code for codes in LANGUAGES_OF.values() for code in codes}))
    return model
