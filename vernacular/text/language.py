"""The language and script of a text, from a few words up.

Scripts that write one language decide by themselves; Chinese varieties are told apart by characters of their own; for
the rest a naive Bayes model over byte n-grams (py3langid) decides among the languages of the script.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import Final

import regex
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from vernacular.text.scripts import LANGUAGE_OF, LANGUAGES_OF, chinese_script, count_scripts, main_script

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

_CANTONESE: Final = regex.compile(
    r"[嘅咗喺哋唔冇嚟啲咁乜嘢佢諗瞓睇攞咩畀俾啱揾搵噉喎啩嗰咪吖唞嬲攰𠻹揸踎閪嘥掂谂𡃉㗎囉喇]"
    r"|點解|邊度|邊個|而家|依家|幾時|點樣|點先|有冇|係咪|得閒|尋日|聽日|琴日|呢個|呢度|呢啲|等陣|返工|返學|屋企|鍾意|傾偈"
    r"|幾多|边间|边度|边个|点解|点样|呢个|系咪|钟意|几多"
)
_MANDARIN: Final = regex.compile(r"[是的他她它們们這这那沒没哪吗嗎]|什麼|什么")
_HOKKIEN: Final = regex.compile(
    r"[𪜶𣍐袂偌]|佇(?![立足候])|(?<![拉靠收合])攏(?!絡)|[阮恁](?=[的兜這遮毋欲攏])|啥物|按怎|這馬|敢有|敢是|佗位|欲[買去問食看]|偌濟|予[我你伊人]"
    r"|會使|真濟|食飽|今仔日|明仔載|昨昏|查某|查埔|毋[知是通免捌敢]|代誌|啥人|啥貨|佗一"
)


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
    if _HOKKIEN.search(text):
        return Language("nan-Hant", "Hant", share)
    code = "yue" if _is_cantonese(text) else "zh"
    return Language(f"{code}-{script}", script, share)


def _is_cantonese(text: str) -> bool:
    if _CANTONESE.search(text):
        return True
    return not _MANDARIN.search(text) and _among(text, LANGUAGES_OF["Hani"])[0] == "yue"


def _among(text: str, codes: tuple[str, ...]) -> tuple[str, float]:
    """The most likely of `codes`, and its probability among them."""
    scores = {code: score for code, score in _model().rank(text) if code in codes}
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
