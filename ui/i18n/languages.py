"""Languages and dialects by their names in themselves."""

from __future__ import annotations

_NAMES = {
    "afb": "لهجة خليجية",
    "apc": "لهجة شامية",
    "ar": "العربية",
    "ary": "الدارجة المغربية",
    "arz": "المصرية",
    "ca": "Català",
    "cmn-Hans-x-sichuan": "四川话",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "es-AR": "Español rioplatense",
    "es-MX": "Español de México",
    "fa": "فارسی",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nan": "臺語",
    "pt": "Português",
    "ru": "Русский",
    "th": "ไทย",
    "tr": "Türkçe",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "wuu": "吴语",
    "yue": "粵語",
    "zh": "中文",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
}

_RIGHT_TO_LEFT = {"ar", "arz", "afb", "apc", "ary", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}


def direction(tag: str) -> str:
    """`rtl` or `ltr`, by the tag's language."""
    return "rtl" if tag.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT else "ltr"


def language_name(tag: str) -> str:
    """The name of a BCP 47 tag, looked up by ever shorter prefixes; the tag itself where none is known."""
    subtags = tag.split("-")
    for length in range(len(subtags), 0, -1):
        name = _NAMES.get("-".join(subtags[:length]))
        if name:
            return name
    return tag
