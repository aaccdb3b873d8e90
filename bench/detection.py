"""How well the variety of a question is detected: F1 by variety, what is taken for what, calibration, and time.

    python -m bench.detection --data FOLDER [--held-out FOLDER] [--errors] [--family zh ar es]

`FOLDER` holds `dialect_questions`, `xquad/dev`, `cmrc2018`, `drcd`, `arcd`, `ntrex/dev` and `arabic_shami` as JSONL; that of
`--held-out` other questions, in the folders of `dialect_questions`. A question is to develop with or to test with by the
hash of its identifier, which is the same in all varieties that it is asked in.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vernacular.dialects.detect import Detector
from vernacular.dialects.registry import built_in
from vernacular.text.language import identify
from vernacular.types import Detection

CLASSES: Final = {
    "zh": {
        "zh-Hans-CN": "zh-Hans", "zh-Hant-TW": "zh-Hant", "zh-Hant-HK": "zh-Hant", "yue-Hant-HK": "yue",
        "yue-Hans-CN": "yue", "nan-Hant-TW": "nan", "cmn-Hans-x-sichuan": "sichuan", "cmn-sichuan-Hans": "sichuan",
        "wuu-Hans": "wuu", "wuu-Hans-SH": "wuu", "cmn-Hans-x-dongbei": "dongbei", "cmn-dongbei-Hans": "dongbei",
    },
    "ar": {
        "arb-Arab": "standard", "ar": "standard", "arz-Arab-EG": "arz", "arz-EG": "arz", "afb-Arab": "afb",
        "afb-Gulf": "afb", "apc-Arab": "apc", "apc-Levantine": "apc", "ary-Arab-MA": "ary", "ary-MA": "ary",
        "ary-Latn": "ary",
    },
    "es": {
        "es": "standard", "es-MX": "MX", "es-AR": "AR", "es-x-caribe": "caribe", "es-CU": "caribe", "es-DO": "caribe",
        "es-ES": "ES",
    },
}  # fmt: skip
"""Tag of a pack or of the questions → class, by family."""
BARS: Final = {"zh": 0.95, "ar": 0.90, "es": 0.85}
SHOWN: Final = {"dongbei"}
"""Classes that the bar leaves out."""
STANDARD: Final = {
    "zh": (("xquad/dev/qa.zh.jsonl", "zh-Hans"), ("cmrc2018/qa.trial.jsonl", "zh-Hans"), ("drcd/qa.dev.jsonl", "zh-Hant")),
    "ar": (("xquad/dev/qa.ar.jsonl", "standard"), ("arcd/qa.train.jsonl", "standard")),
    "es": (("xquad/dev/qa.es.jsonl", "standard"),),
}  # fmt: skip
PER_SET: Final = 60
"""Questions in standard wording taken of each set, for each half: about as many as a variety has."""
SENTENCES: Final = {
    "zh": (("zho-CN", "zh-Hans"), ("zho-TW", "zh-Hant"), ("yue", "yue")),
    "ar": (("arb", "standard"),),
    "es": (("spa", "standard"), ("spa-ref2", "standard")),
}
OTHERS: Final = (
    ("xquad/dev/qa.en.jsonl", "en"), ("ntrex/dev/eng.jsonl", "en"), ("ntrex/dev/por-BR.jsonl", "pt-BR"),
    ("ntrex/dev/fra.jsonl", "fr"),
)  # fmt: skip
"""Texts of languages that have one pack."""
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    gold: str
    identifier: str

    @property
    def half(self) -> int:
        """0 to develop with, 1 to test with."""
        return zlib.crc32(self.identifier.encode()) % 2


@dataclass(frozen=True, slots=True)
class Told:
    question: Question
    found: str
    detection: Detection


def rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def in_dialect(folder: Path, family: str) -> list[Question]:
    """The questions that were written in dialect, with a few in the standard language among them."""
    classes = CLASSES[family]
    return [
        Question(row["question"], classes[row["lang"]], row["qid"])
        for row in rows(folder / ("zh" if family == "zh" else "ar_es") / "dev.jsonl")
        if row["lang"] in classes
    ]


def in_standard(data: Path, family: str, most: int | None = None) -> list[Question]:
    """Questions in standard wording, at most `most` of each set."""
    found = []
    for name, gold in STANDARD[family]:
        every = list(rows(data / name))
        step = max(len(every) // most, 1) if most else 1
        found += [Question(row["question"], gold, row["qid"]) for row in every[::step][:most]]
    return found


def questions(data: Path, family: str) -> list[Question]:
    """The questions in dialect, and as many in standard wording."""
    return in_dialect(data / "dialect_questions", family) + in_standard(data, family, 2 * PER_SET)


def told(detector: Detector, asked: Iterable[Question], family: str, declare: bool = False) -> list[Told]:
    """`declare`: the tenant says which variety its people speak, the one asked in; a standard language is not declared."""
    found = []
    for question in asked:
        own = [tag for tag, name in CLASSES[family].items() if name == question.gold and declare]
        own = [] if question.gold.startswith(("standard", "zh")) else own
        detection = detector.detect(question.text, identify(question.text), own)
        found.append(Told(question, CLASSES[family].get(detection.tag or "", detection.tag or "none"), detection))
    return found


def f1(results: Sequence[Told]) -> dict[str, float]:
    scores = {}
    for gold in sorted({each.question.gold for each in results}):
        right = sum(each.found == gold == each.question.gold for each in results)
        said = sum(each.found == gold for each in results)
        there = sum(each.question.gold == gold for each in results)
        scores[gold] = 2 * right / (said + there)
    return scores


def macro(scores: dict[str, float]) -> float:
    counted = [score for name, score in scores.items() if name not in SHOWN]
    return sum(counted) / len(counted)


def calibration_error(results: Sequence[Told]) -> float:
    """The expected calibration error, over bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for each in results:
        confidence = each.detection.confidence
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append(
            (confidence, each.found == each.question.gold)
        )
    return sum(abs(sum(c for c, _ in held) - sum(ok for _, ok in held)) for held in bins.values()) / len(results)


def report(title: str, results: Sequence[Told], errors: bool = False) -> float:
    scores = f1(results)
    line = "  ".join(f"{name} {score:.3f}" for name, score in scores.items())
    print(
        f"{title}: macro F1 {macro(scores):.3f}  calibration error {calibration_error(results):.3f}  n {len(results)}"
    )
    print(f"    {line}")
    confused = Counter((each.question.gold, each.found) for each in results if each.found != each.question.gold)
    print("    " + "  ".join(f"{gold}→{found} {count}" for (gold, found), count in confused.most_common()))
    if errors:
        for each in results:
            if each.found != each.question.gold:
                signs = " ".join(f"{sign.text}({sign.tag} {sign.weight:+.1f})" for sign in each.detection.signs)
                print(
                    f"    {each.question.gold}→{each.found} {each.detection.confidence:.2f} {each.question.text} | {signs}"
                )
    return macro(scores)


def sentences(data: Path, family: str) -> list[Question]:
    found = [
        Question(row["text"], gold, "")
        for name, gold in SENTENCES[family]
        for row in list(rows(data / "ntrex" / "dev" / f"{name}.jsonl"))[::4]
    ]
    if family == "ar":
        for name in ("jor", "leb", "pal"):
            every = rows(data / "arabic_shami" / f"{name}.jsonl")
            found += [Question(row["text"], "apc", "") for row in list(every)[:1000:4]]
    return found


def kept_standard(detector: Detector, data: Path, family: str) -> None:
    """How many of all questions in standard wording are found to be, well punctuated and as people type."""
    asked = in_standard(data, family)
    typed = [Question(each.text.strip(" ¿?؟？").lower(), each.gold, each.identifier) for each in asked]
    for title, every in (("standard wording", asked), ("standard wording without punctuation", typed)):
        found = told(detector, every, family)
        right = sum(each.found == each.question.gold for each in found)
        print(f"{title}: {right / len(found):.3f} of {len(found)} kept")


def other_languages(detector: Detector, data: Path) -> None:
    """How many texts of languages that have one pack are found to be in it."""
    for name, tag in OTHERS:
        texts = [row.get("question") or row["text"] for row in rows(data / name)][:600]
        found = Counter(detector.detect(text, identify(text)).tag for text in texts)
        print(f"{tag}: {found[tag] / len(texts):.3f} of {len(texts)} ({name}); {found.most_common(4)}")


def microseconds(detector: Detector, asked: Sequence[Question]) -> float:
    known = [(each.text, identify(each.text)) for each in asked]
    begin = time.perf_counter()
    for text, language in known:
        detector.detect(text, language)
    return 1e6 * (time.perf_counter() - begin) / len(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--family", nargs="+", choices=sorted(CLASSES), default=list(CLASSES))
    parser.add_argument("--held-out", type=Path, help="other questions in dialect, to measure alone")
    parser.add_argument("--errors", action="store_true", help="print each question to develop with that was mistaken")
    options = parser.parse_args()
    detector, figures = Detector(built_in()), {}
    for family in options.family:
        asked = questions(options.data, family)
        results = told(detector, asked, family)
        halves = [[each for each in results if each.question.half == half] for half in (0, 1)]
        print(f"\n== {family}: bar {BARS[family]}")
        develop = report("develop", halves[0], options.errors)
        test = report("test", halves[1])
        figures[family] = {"develop": develop, "test": test}
        if options.held_out:
            other = in_dialect(options.held_out, family) + in_standard(options.data, family, PER_SET // 2)
            figures[family]["held_out"] = report("held out", told(detector, other, family))
        report("both, with the tenant's declaration", told(detector, asked, family, declare=True))
        report("second opinion (sentences)", told(detector, sentences(options.data, family), family))
        kept_standard(detector, options.data, family)
        spent = microseconds(detector, asked)
        print(f"    {spent:.0f} µs a question")
        figures[family]["us"] = spent
    other_languages(detector, options.data)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
