"""Bytes to text when nobody says, or somebody says wrongly, in which encoding."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
# The supersets that files labelled with the narrower name hold in practice (WHATWG Encoding standard).
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
          "us-ascii": "cp1252", "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949", "iso-8859-9": "cp1254",
          "tis-620": "cp874", "iso-8859-8-i": "cp1255"}  # fmt: skip


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`: byte order mark, UTF-8, what the file declares, then what its bytes look like. Never raises."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    wide = _utf16_without_mark(data)
    if wide:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for charset in (declared or _declared(data), _guess(data)):
        text = _strict(data, charset)
        if text is not None:
            return text
    return _lenient(data)


def sniff(sample: bytes) -> str:
    """The name of the encoding of a file that starts with `sample`, for reading the rest as a stream."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # the sample may end within a character
    except UnicodeDecodeError:
        found = _guess(sample) or "cp1252"
        return _WIDER.get(found.lower(), found)
    return _utf16_without_mark(sample) or "utf-8"


def _declared(data: bytes) -> str | None:
    match = _CHARSET.search(data[:2048])
    return match[1].decode("ascii") if match else None


def _guess(data: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_encoding

    guess: str | None = detect_encoding(data[:_SAMPLE])
    return guess


def _strict(data: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    name = _WIDER.get(name.lower(), name)
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _lenient(data: bytes) -> str:
    """The reading that loses least: a few bad bytes must not turn the whole file into another alphabet."""
    guess = _guess(data)
    candidates = [
        "utf-8",
        *([_WIDER.get(guess.lower(), guess)] if guess else []),
        "cp1252",
    ]
    best, least = "", len(data) + 1
    for name in candidates:
        try:
            text = data.decode(name, errors="replace")
        except LookupError:
            continue
        lost = text.count("\ufffd")
        if lost < least:
            best, least = text, lost
    return best


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[:4096]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    zeros = [sample[parity::2].count(0) / (len(sample) / 2) for parity in (0, 1)]
    if zeros[1] > 0.4 and zeros[0] < 0.05:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > 0.4 and zeros[1] < 0.05 else None
