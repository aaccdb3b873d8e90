"""What each part of the understanding of dialects adds to retrieval, in process, on public question sets.

    python -m bench.dialects --documents
    python -m bench.dialects --data FOLDER [--families zh ar es] [--sets law intent] [--parts] [--half even|odd] [--misses] [--questions FOLDER]

`FOLDER` holds `dialect_questions`, `xquad/dev`, `arcd`, `tw_law_zh_en` and `zh_shop_litemall` as JSONL. `off` is the analyzer
and the reranker alone, `on` everything; with `--parts` each part by itself, and everything without it. `standard` is the same questions in
standard wording. Questions on even lines are those to develop on, those on odd lines to test on.

With `--documents` the questions of the packs' own `eval.jsonl` are the documents, in the variety, and their standard wording asks
for them: without and with what documents in a variety are indexed and read with.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from bench.offline import as_records, load, question_set, rows
from bench.quality import holds
from serve.rag.pipeline import RagPipeline
from vernacular.corpus import Passage, build
from vernacular.corpus.store import begin, save
from vernacular.dialects.documents import CurrentGlosser
from vernacular.dialects.registry import built_in
from vernacular.settings import AnswerSettings, DialectSettings
from vernacular.tenancy import TenantScope

Question = Mapping[str, Any]
PARTS = ("lexicon", "numerals", "romanised", "spelling", "domains", "corpus", "feedback")
FAMILY = {"ar": "ar", "arz": "ar", "afb": "ar", "apc": "ar", "ary": "ar", "es": "es"}
ABSENT = 99


def records(data: Path, name: str, family: str, questions: Path | None = None) -> list[dict[str, Any]]:
    """The documents in which the questions of a set lie."""
    if name == "law":
        return [
            {"id": row["id"], "title": f"{row['law_zh']} {row['article']}", "text": row["zh"], "language": "zh-Hant"}
            for row in rows(data / "tw_law_zh_en/dev.jsonl")
        ]
    if name == "shop":
        return [_product(row) for row in rows(data / "zh_shop_litemall/products.jsonl")]
    if name == "intent":
        return [
            {"id": str(row["cid"]), "title": "", "text": row["question"], "language": family}
            for file in question_files(data, questions)
            for row in rows(file)
            if row["set"] == "intent" and row["lang"] == family
        ]
    return as_records(question_set(data, name, family if name == "xquad" else "")[0])


def _product(row: Question) -> dict[str, Any]:
    fields = [f"{key}：{value}" for key, value in row.get("attributes") or []]
    text = " ".join([row["name"], str(row.get("brief") or ""), f"价格 {row.get('price')} 元", *fields])
    return {"id": str(row["id"]), "title": row["name"], "text": text, "language": "zh-Hans"}


def question_files(data: Path, questions: Path | None = None) -> Iterator[Path]:
    for name in ("zh", "ar_es"):
        yield (questions or data / "dialect_questions") / name / "dev.jsonl"


def asked(data: Path, questions: Path | None = None) -> Iterator[tuple[str, str, str, int, Question]]:
    """(set, family, variety, line, question) of every question that has a document."""
    for file in question_files(data, questions):
        for line, row in enumerate(rows(file)):
            family = FAMILY.get(row["lang"].partition("-")[0], "zh")
            is_document = row["set"] == "intent" and row["lang"] == family
            if row["cid"] is not None and not is_document:
                yield row["set"], family, row["lang"], line, row


def with_standard(data: Path, questions: list[tuple[str, str, str, int, Question]]) -> list[Any]:
    """The questions, and those of xquad and arcd in standard wording, as the variety `standard`."""
    found = list(questions)
    for name, family in {(each[0], each[1]) for each in questions if each[0] in ("xquad", "arcd")}:
        wording = {row["qid"]: row for row in question_set(data, name, family if name == "xquad" else "")[1]}
        own = {each[4]["qid"]: each for each in questions if each[:2] == (name, family)}
        for qid, each in own.items():
            if qid in wording:
                found.append((name, family, "standard", each[3], {**each[4], "question": wording[qid]["question"]}))
    return found


def rank(pipeline: RagPipeline, scope: TenantScope, question: Question, expand: bool) -> int:
    hits = pipeline.search(scope, question["question"], expand=expand).hits
    found = list(dict.fromkeys(hit.source_id for hit in hits))
    gold = str(question["cid"])
    return found.index(gold) + 1 if gold in found else ABSENT


def figures(ranks: Sequence[int]) -> str:
    share = [sum(each <= k for each in ranks) / len(ranks) for k in (1, 5, 10)]
    return "/".join(f"{each:.3f}" for each in share)


def settings_of(parts: Sequence[str]) -> DialectSettings:
    return DialectSettings(**{part: part in parts for part in PARTS})


def ways(parts: bool) -> dict[str, tuple[DialectSettings, bool]]:
    """Name → what is switched on, and whether questions are expanded at all."""
    found = {"off": (settings_of(()), False), "on": (DialectSettings(), True)}
    if parts:
        found |= {f"only {part}": (settings_of([part]), True) for part in PARTS}
        found |= {f"without {part}": (settings_of([each for each in PARTS if each != part]), True) for part in PARTS}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--documents", action="store_true", help="Documents in a variety, asked for in standard words.")
    parser.add_argument(
        "--questions", type=Path, help="Another folder of questions in the form of `dialect_questions`."
    )
    parser.add_argument("--families", nargs="*", default=["zh", "ar", "es"])
    parser.add_argument("--sets", nargs="*", default=["xquad", "arcd", "law", "shop", "intent"])
    parser.add_argument("--half", choices=["even", "odd"])
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--answers", action="store_true", help="How many are answered and declined, instead of recall.")
    parser.add_argument("--misses", action="store_true", help="Print the questions not found among the first five.")
    options = parser.parse_args()
    if options.documents:
        documents_in_varieties()
        return
    if options.data is None:
        parser.error("--data is needed, but for --documents")
    questions = with_standard(options.data, list(asked(options.data, options.questions)))
    wanted = [each for each in questions if each[0] in options.sets and each[1] in options.families]
    if options.half:
        wanted = [each for each in wanted if each[3] % 2 == (options.half == "odd")]
    if options.answers:
        answers(options.data, options.families)
        return
    print("recall@1/@5/@10")
    for name, family in sorted({each[:2] for each in wanted}):
        documents = records(options.data, name, family, options.questions)
        scope = load(documents)
        learn(scope, documents)
        measure(scope, [each for each in wanted if each[:2] == (name, family)], options)


def documents_in_varieties() -> None:
    """Each variety's documents are a tenant of their own; `glossed` is the share of them found to be in a variety."""
    print("recall@1/@5/@10, without and with glosses")
    for pack in built_in():
        found = [row for row in pack.evaluation if row["question"] != row.get("standard", row["question"])]
        if not pack.manifest.standard or not found:
            continue
        documents = [{"id": row["qid"], "title": "", "text": row["question"]} for row in found]
        shown = []
        for gloss in (None, CurrentGlosser().gloss):
            scope = load(documents, gloss=gloss)
            learn(scope, documents)
            pipeline = RagPipeline(AnswerSettings(), dialects=DialectSettings(documents=gloss is not None))
            asked_for = [{"cid": row["qid"], "question": row["standard"]} for row in found]
            shown.append(figures([rank(pipeline, scope, each, expand=True) for each in asked_for]))
        glossed = mean(bool(each) for each in CurrentGlosser().gloss([row["question"] for row in found]))
        print(f"{pack.tag:20s} n {len(found):2d}  {'  '.join(shown)}  glossed {glossed:.2f}", flush=True)


def answers(data: Path, families: Sequence[str]) -> None:
    """By variety, how many questions are answered that a document answers, and how many declined that none does."""
    questions = with_standard(data, list(asked(data)))
    for family in families:
        own = [each for each in questions if each[1] == family and each[0] in ("xquad", "shop")]
        documents = [each for name in sorted({each[0] for each in own}) for each in records(data, name, family)]
        scope = load(documents)
        learn(scope, documents)
        pipeline = RagPipeline(AnswerSettings())
        answerable: dict[str, list[bool]] = {}
        right: dict[str, list[bool]] = {}
        for _, _, variety, _, question in own:
            answer = pipeline.answer(scope, question["question"])
            answerable.setdefault(variety, []).append(answer.answered)
            right.setdefault(variety, []).append(answer.answered and holds(answer.text, question["answers"]))
        declined: dict[str, list[bool]] = {}
        for variety, text in unanswerable(data, family):
            declined.setdefault(variety, []).append(not pipeline.answer(scope, text).answered)
        for variety in sorted(answerable):
            told = declined.get(variety, [])
            print(
                f"{family} {variety:24s} n {len(answerable[variety]):3d}  answered {mean(answerable[variety]):.3f}"
                f"  right {mean(right[variety]):.3f}  unanswerable {len(told):2d} declined {mean(told or [False]):.3f}"
            )
        every = [each for told in declined.values() for each in told]
        print(f"{family} {'unanswerable, all':24s} n {len(every):3d}  declined {mean(every):.3f}", flush=True)


def unanswerable(data: Path, family: str) -> Iterator[tuple[str, str]]:
    for name in ("zh", "ar_es"):
        for row in rows(data / f"dialect_questions/{name}/dev.jsonl"):
            if row["cid"] is None and FAMILY.get(row["lang"].partition("-")[0], "zh") == family:
                yield row["lang"], row["question"]


def learn(scope: TenantScope, documents: Sequence[Mapping[str, Any]]) -> None:
    """Keep what the worker would have learned from the documents."""
    begun = begin(scope)
    scope.session.flush()
    passages = [Passage(each["text"], each["title"]) for each in documents]
    save(scope, build(passages), begun, len(passages))
    scope.session.commit()


def measure(scope: TenantScope, questions: Sequence[Any], options: argparse.Namespace) -> None:
    name, family = questions[0][:2]
    for way, (settings, expand) in ways(options.parts).items():
        pipeline = RagPipeline(AnswerSettings(), dialects=settings)
        by: dict[str, list[tuple[int, int, Question]]] = {}
        spent = []
        for _, _, variety, line, question in questions:
            began = time.perf_counter()
            found = rank(pipeline, scope, question, expand)
            spent.append(1000 * (time.perf_counter() - began))
            by.setdefault(variety, []).append((found, line, question))
        for variety, ranked in sorted(by.items()):
            halves = [figures([each[0] for each in ranked if each[1] % 2 == odd] or [ABSENT]) for odd in (0, 1)]
            every = figures([each[0] for each in ranked])
            label = f"{name}/{family} {variety}"
            print(f"{label:32s} {way:20s} n {len(ranked):3d}  {every}  even {halves[0]}  odd {halves[1]}")
            if options.misses and way == "on":
                for place, _, question in ranked:
                    if place > 5:
                        print(f"    {place:2d} {question['cid']:16s} {question['question']}")
        print(f"{'':32s} {way:20s} median {statistics.median(spent):.2f} ms", flush=True)


if __name__ == "__main__":
    main()
