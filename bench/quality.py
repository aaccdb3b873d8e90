"""Recall, answers and declines of the pipeline in process, without a gateway, on public question sets.

    python -m bench.quality retrieval|answers|abstain --data FOLDER [--lang ar es] [--sets drcd arcd] [--limit N]

`FOLDER` holds `xquad/dev`, `cmrc2018`, `drcd`, `arcd` and `dialect_questions` as JSONL; without it nothing is measured.
"""

from __future__ import annotations

import argparse
import statistics
import time
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.offline import XQUAD, as_records, dialect_corpus, load, question_set, rows
from serve.rag.pipeline import RagPipeline
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Answer

Question = dict[str, Any]


def normal(text: str) -> str:
    """Letters and digits only: answers are compared without spaces, punctuation and symbols."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] not in "PSM")


def holds(text: str, answers: Iterable[str]) -> bool:
    said = normal(text)
    return any(normal(answer) and normal(answer) in said for answer in answers)


def retrieval(scope: TenantScope, pipeline: RagPipeline, questions: Sequence[Question]) -> dict[str, float]:
    ranks: list[int] = []
    begin = time.process_time()
    for each in questions:
        found = [hit.source_id for hit in pipeline.search(scope, each["question"]).hits]
        distinct = list(dict.fromkeys(found))
        ranks.append(distinct.index(each["cid"]) + 1 if each["cid"] in distinct else 99)
    spent = 1000 * (time.process_time() - begin) / len(questions)
    within = {f"r@{k}": sum(rank <= k for rank in ranks) / len(ranks) for k in (1, 5, 10)}
    return {**within, "mrr@10": sum(1 / rank for rank in ranks if rank <= 10) / len(ranks), "ms": spent}


def answers(scope: TenantScope, pipeline: RagPipeline, questions: Sequence[Question]) -> dict[str, float]:
    begin = time.process_time()
    got = [pipeline.answer(scope, each["question"]) for each in questions]
    spent = 1000 * (time.process_time() - begin) / len(questions)
    pairs = list(zip(got, (each["answers"] for each in questions), strict=True))
    return {
        "answered": sum(answer.answered for answer in got) / len(got),
        "gold": sum(answer.answered and holds(answer.text, gold) for answer, gold in pairs) / len(got),
        "gold_first": sum(holds(_first(answer), gold) for answer, gold in pairs) / len(got),
        "quotes": statistics.mean(len(answer.citations) for answer in got if answer.answered),
        "chars": statistics.median(len(answer.text) for answer in got),
        "ms": spent,
    }


def _first(answer: Answer) -> str:
    return answer.citations[0].quote if answer.citations else ""


def abstain(data: Path, pipeline: RagPipeline, name: str) -> dict[str, float]:
    asked = rows(data / f"dialect_questions/{name}/dev.jsonl")
    records = dialect_corpus(data, arabic=name != "zh")
    scope, known = load(records), {record["id"] for record in records}
    no = [each for each in asked if each["cid"] is None]
    yes = [
        each for each in asked if each["set"] in ("xquad", "shop") and str(each["cid"]) in known and each.get("answers")
    ]
    yes = yes[:: max(1, len(asked) // 200)]
    refused = [pipeline.answer(scope, each["question"]) for each in no]
    given = [(pipeline.answer(scope, each["question"]), each["answers"]) for each in yes]
    return {
        "unanswerable": len(no),
        "declined": 1 - sum(answer.answered for answer in refused) / len(no),
        "answerable": len(yes),
        "answered": sum(answer.answered for answer, _ in given) / len(yes),
        "right": sum(answer.answered and holds(answer.text, gold) for answer, gold in given) / len(yes),
    }


def _show(label: str, figures: dict[str, float]) -> None:
    print(f"{label:16s}", "  ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["retrieval", "answers", "abstain"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lang", nargs="*", default=list(XQUAD))
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--limit", type=int, default=0, help="at most about this many questions a set")
    args = parser.parse_args()
    pipeline = RagPipeline(AnswerSettings())
    if args.what == "abstain":
        for name in ("zh", "ar_es"):
            _show(name, abstain(args.data, pipeline, name))
        return
    measure = retrieval if args.what == "retrieval" else answers
    table: list[dict[str, float]] = []
    for name, language in [("xquad", each) for each in args.lang] + [(each, "") for each in args.sets]:
        contexts, questions = question_set(args.data, name, language)
        step = max(1, len(questions) // args.limit) if args.limit else 1
        table.append(measure(load(as_records(contexts)), pipeline, questions[::step]))
        _show(f"{name}.{language}".strip("."), table[-1])
    _show("average", {name: statistics.mean(row[name] for row in table) for name in table[0]})


if __name__ == "__main__":
    main()
