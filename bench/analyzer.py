"""Speed of the lexical analyzer in MB/s a core, by language, beside the same rule written in the straightforward way.

    python -m bench.analyzer [--data FOLDER] [--seconds S]

`--data` is a folder of `contexts.LANG.jsonl` files with a `text` in each line; without it, text of random words is
made up in several scripts. The baseline segments with one regular expression and hashes token by token; both build
the same three families, so the ratio compares methods and not amounts of work.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import regex

from vernacular.text.analyze import encode_document, encode_documents, encode_query
from vernacular.text.tables import simplified

ALPHABETS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "es": "abcdefghijlmnopqrstuvzáéíóúñ",
    "vi": "abcdeghiklmnopqrstuvxyăâđêôơưáàảãạếềệốộớợứự",
    "ru": "абвгдежзийклмнопрстуфхцчшщыьэюя",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويةأإ",
    "hi": "कखगघचछजझटठडतथदधनपफबभमयरलवशषसहािीुूेैोौं",
    "th": "กขคงจชซดตถทนบปพมยรลวสหอะาิีึืุูเแโไ่้",
    "ko": "".join(map(chr, range(0xAC00, 0xD7A4, 41))),
    "zh": "".join(map(chr, range(0x4E00, 0x9FA5, 13))),
    "ja": "".join(map(chr, range(0x3041, 0x3094))) + "".join(map(chr, range(0x4E00, 0x9FA5, 37))),
}
UNSPACED = ("th", "zh", "ja")
FAMILY_LENGTHS = {"w": 110.0, "g": 420.0, "c": 320.0}
_HAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_SEGMENTS = regex.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<thai>(?:(?=[\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}])[\p{{L}}\p{{M}}])+)"
    rf"|(?P<hangul>\p{{Hangul}}+)|(?P<number>[0-9]+(?:[.,][0-9]+)*)"
    rf"|(?P<word>(?:(?![{_HAN}\p{{Thai}}\p{{Hangul}}])[\p{{L}}\p{{M}}\p{{N}}])+)"
)


def baseline_tokens(text: str) -> Iterator[tuple[str, str]]:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(simplified())
    for match in _SEGMENTS.finditer(folded):
        kind, run = match.lastgroup, match.group()
        if kind == "han":
            yield from (("c", char) for char in run)
        if kind in ("han", "hangul"):
            yield from (("c", run[place : place + 2]) for place in range(len(run) - 1))
        elif kind == "thai":
            yield from (("c", run[place : place + 3]) for place in range(max(1, len(run) - 2)))
        if kind in ("hangul", "word", "number"):
            yield "w", run
        if kind in ("word", "number"):
            padded = f"_{_without_accents(run)}_"
            yield from (("g", padded[place : place + 4]) for place in range(max(1, len(padded) - 3)))


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", regex.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", word)))


def baseline_encode(text: str) -> dict[int, float]:
    counts = Counter(baseline_tokens(text))
    lengths: Counter[str] = Counter()
    for (family, _), count in counts.items():
        lengths[family] += count
    return {
        zlib.crc32((family + token).encode()): count
        * 2
        / (count + 0.25 + 0.75 * lengths[family] / FAMILY_LENGTHS[family])
        for (family, token), count in counts.items()
    }


def made_up_texts(language: str, count: int = 120, characters: int = 700) -> list[str]:
    """Texts of words drawn by a Zipf-like law, as in real text, so that some repeat often."""
    draw = random.Random(language)
    words = ["".join(draw.choices(ALPHABETS[language], k=draw.randint(1, 9))) for _ in range(5000)]
    ranks = [1 / rank for rank in range(1, len(words) + 1)]
    between = "" if language in UNSPACED else " "
    wanted = characters // (3 if language in UNSPACED else 1)
    texts = (between.join(draw.choices(words, ranks, k=wanted // (5 + len(between)))) for _ in range(count))
    return [f"{text}. {draw.randint(1, 9999)}" for text in texts]


def read_texts(folder: Path) -> dict[str, list[str]]:
    return {
        path.name.split(".")[1]: [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
        for path in sorted(folder.glob("contexts.*.jsonl"))
    }


def seconds_of(work: Callable[[], object], budget: float) -> float:
    """Least CPU time of the runs that fit in `budget`: noise of a shared machine only ever adds."""
    best, spent = float("inf"), 0.0
    while spent < budget:
        start = time.process_time()
        work()
        taken = time.process_time() - start
        best, spent = min(best, taken), spent + taken
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of contexts.LANG.jsonl")
    parser.add_argument("--seconds", type=float, default=0.5, help="CPU time for each figure")
    options = parser.parse_args()
    samples = read_texts(options.data) if options.data else {}
    samples |= {language: made_up_texts(language) for language in ALPHABETS if language not in samples}
    start = time.process_time()
    encode_documents(["a", "你"])
    print(f"tables built in {1000 * (time.process_time() - start):.0f} ms\n")
    print(
        "| language | baseline MB/s | batch MB/s | ratio | one by one MB/s | ratio | query µs |\n|---|---|---|---|---|---|---|"
    )
    for language, texts in samples.items():
        print_row(language, texts, options.seconds)


def print_row(language: str, texts: list[str], budget: float) -> None:
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    queries = [text[:40] for text in texts]
    base = seconds_of(lambda: [baseline_encode(text) for text in texts], budget)
    batch = seconds_of(lambda: encode_documents(texts), budget)
    single = seconds_of(lambda: [encode_document(text) for text in texts], budget)
    query = seconds_of(lambda: [encode_query(text) for text in queries], budget)
    print(
        f"| {language} | {megabytes / base:.2f} | {megabytes / batch:.1f} | {base / batch:.1f} |"
        f" {megabytes / single:.1f} | {base / single:.1f} | {1e6 * query / len(queries):.0f} |"
    )


if __name__ == "__main__":
    main()
