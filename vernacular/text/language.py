"""The language and script of a text, from a few words up.

Scripts that write one language decide by themselves; Chinese varieties are told apart by characters of their own; for
the rest a naive Bayes model over byte n-grams (py3langid) decides among the languages of the script.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from vernacular.text.language_model import LanguageModel
from vernacular.text.scripts import (
    LANGUAGE_OF,
    LANGUAGES_OF,
    UNDECIDED,
    chinese_script,
    count_scripts,
    count_scripts_of,
    main_script,
)
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


Model = Callable[[str, Sequence[str]], tuple[str, float]]
"""The most likely of some languages for a text, and its likelihood among them, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is one of `LANGUAGES` (`und`: no letters), `script` an ISO 15924 code (`Zyyy`: none), `confidence` 0 to 1."""

    code: str
    script: str
    confidence: float


def identify(text: str) -> Language:
    """The language that most of `text` is in. Arabic varieties are all `ar`; a dialect pack tells them apart."""
    sample = text[:SAMPLE]
    return _decide(sample, count_scripts(sample), _best)


def identify_all(texts: Sequence[str], sample: int = SAMPLE) -> list[Language]:
    """`identify` of each text, by its first `sample` characters: several times faster for hundreds of short texts."""
    samples = [text[:sample] for text in texts]
    counts = count_scripts_of(samples)
    asked: dict[str, list[int]] = {script: [] for script in LANGUAGES_OF}
    for number, found in enumerate(counts):
        script = main_script(found) if found else ""
        if script in asked:
            asked[script].append(number)
    best: dict[int, tuple[str, float]] = {}
    for script, numbers in asked.items():
        if numbers:
            told = _batch_model().best([samples[number] for number in numbers], LANGUAGES_OF[script], _FAVOURED)
            best.update(zip(numbers, told, strict=True))
    return [
        _decide(samples[number], counts[number], lambda _text, _codes, number=number: best[number])  # type: ignore[misc]
        for number in range(len(samples))
    ]


def _decide(sample: str, counts: dict[str, int], model: Model) -> Language:
    if not counts:
        return Language("und", "Zyyy", 0.0)
    script = main_script(counts)
    kana, han = counts.get("Kana", 0), counts.get("Hani", 0)
    if script in ("Kana", "Hani") and kana > KANA_SHARE * (kana + han):
        return Language("ja", "Jpan", kana / (kana + han))
    if script == "Hani":
        return _chinese(sample, model)
    if code := LANGUAGE_OF.get(script):
        return Language(code, "Kore" if code == "ko" else script, counts[script] / sum(counts.values()))
    code, confidence = model(sample, LANGUAGES_OF[script])
    return Language(_VARIETIES.get(code, code), script, confidence)


def _chinese(text: str, model: Model) -> Language:
    script, share = chinese_script(text)
    if script == "Hant" and is_hokkien(text):
        return Language("nan-Hant", "Hant", share)
    code, confidence = model(text, LANGUAGES_OF["Hani"])
    likely = script == "Hant" and code == "yue" and confidence >= _LEAST_CANTONESE
    code = "yue" if is_cantonese(text, likely=likely) else "zh"
    if code == "yue" and share == UNDECIDED:
        script = "Hant"
    return Language(f"{code}-{script}", script, share)


def _best(text: str, codes: Sequence[str]) -> tuple[str, float]:
    scores = {code: score * _FAVOURED.get(code, 1.0) for code, score in _model().rank(text) if code in codes}
    best = max(scores, key=lambda code: scores[code])
    return best, scores[best] / (sum(scores.values()) or 1.0)


def _model() -> LanguageIdentifier:
    with _MODEL_LOCK:
        return _load_model()


def _batch_model() -> LanguageModel:
    with _MODEL_LOCK:
        return _load_batch_model()


@functools.cache
def _load_model() -> LanguageIdentifier:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(sorted({code for codes in LANGUAGES_OF.values() for code in codes}))
    return model


@functools.cache
def _load_batch_model() -> LanguageModel:
    return LanguageModel(sorted({code for codes in LANGUAGES_OF.values() for code in codes}))
