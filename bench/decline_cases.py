"""Situations in which an answer can be given or cannot, for `bench/calibrate_decline.py`.

Answerable: the questions of xquad, cmrc2018, drcd, arcd, clapnq, or_sharc and covid_faq, and those in dialect, each asked of
tenants of five to all passages, some with a typo or a foreign word. Unanswerable: the same questions with the gold
article removed or not loaded, or only the gold passage (a near miss), and questions collected as unanswerable.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex

from bench.offline import XQUAD, as_records, dialect_corpus, load, question_set, rows
from serve.rag import decline
from serve.rag.compose import compose
from serve.rag.evidence import Reader
from serve.rag.generate import generate
from serve.rag.matching import pad
from serve.rag.pipeline import RagPipeline
from serve.rag.rerank import rerank
from serve.rag.retrieve import retrieve
from serve.rag.understand import understand
from serve.rag.words import words_of
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Hit

READING: Final = [*(("xquad", each) for each in XQUAD), ("cmrc2018", ""), ("drcd", ""), ("arcd", "")]
WRITTEN_IN: Final = {"cmrc2018": "zh", "drcd": "zh", "arcd": "ar"}
EVERYTHING: Final = 1_000_000
SIZES: Final = {5: 4, 20: 2, 60: 1, 240: 1, EVERYTHING: 1}
"""How many tenants are made of each size, in passages."""
DIALECT_SIZES: Final = (20, 60)
SMALL: Final = 60
"""Tenants of fewer passages are asked about what they do not hold, too."""
NOISY: Final = 0.3
_LONG_WORD: Final = regex.compile(r"\p{L}{5,}")
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Thai}]")


@dataclass(frozen=True)
class Case:
    """`label` is the set (and language), `size` that of the tenant in passages."""

    label: str
    size: int
    language: str
    kind: str
    article: str
    script: str
    features: tuple[float, ...]
    answerable: bool


@functools.cache
def pipeline() -> RagPipeline:
    return RagPipeline(AnswerSettings())


class Asker:
    """Asks one tenant, as the pipeline would, and keeps what confidence is judged by."""

    def __init__(self, scope: TenantScope, label: str, language: str, size: int = EVERYTHING) -> None:
        self._scope, self._label, self._language, self._size = scope, label, language, size
        self._reader = Reader()
        self._pipeline = pipeline()
        self._settings = AnswerSettings()
        self._asked: tuple[str, list[Hit]] = ("", [])

    def case(
        self, question: str, kind: str, article: str, answerable: bool, without: frozenset[str] = frozenset()
    ) -> Iterator[Case]:
        """The case, unless nothing at all is found. `without`: source ids to think away."""
        understanding = self._pipeline.understand(self._scope, question)
        if self._asked[0] != question:
            self._asked = question, retrieve(self._scope, understanding, limit=self._settings.candidates)
        hits = [hit for hit in self._asked[1] if hit.source_id not in without]
        if not hits:
            return
        words = words_of(understanding)
        ranking = rerank(self._reader.read(understanding.query, hits, expansions=understanding.expansions), words)
        quotes = generate(ranking, compose(ranking, self._settings.passages), words, self._settings.quotes)
        values = decline.features(ranking, quotes, words)
        features = tuple(values[name] for name in decline.FEATURES)
        script = decline.calibration(understanding)
        yield Case(self._label, self._size, self._language, kind, article, script, features, answerable)


def cases(data: Path) -> Iterator[Case]:
    for name, language in READING:
        yield from _reading_set(data, name, language)
    for name in ("zh", "ar_es"):
        yield from _dialects(data, name)
    yield from _clapnq(data)
    yield from _paraphrases(data)
    yield from _rules(data)


def _reading_set(data: Path, name: str, language: str) -> Iterator[Case]:
    contexts, questions = question_set(data, name, language)
    label, language = f"{name}.{language}".strip("."), language or WRITTEN_IN[name]
    chance = random.Random(label)
    for size, tenants in SIZES.items():
        if size != EVERYTHING and size >= len(contexts):
            continue
        for _ in range(tenants):
            held = contexts if size >= len(contexts) else chance.sample(contexts, size)
            asker = Asker(load(as_records(held)), label, language, size)
            yield from _held(asker, contexts, held, questions, chance, 120 // tenants)
            if size < SMALL:
                yield from _not_held(asker, contexts, held, questions, chance, 60 // tenants)


def _held(
    asker: Asker,
    contexts: list[dict[str, Any]],
    held: list[dict[str, Any]],
    questions: list[dict[str, Any]],
    chance: random.Random,
    most: int,
) -> Iterator[Case]:
    """Questions that this tenant can answer, and the same with what answers them thought away."""
    article, known = {each["cid"]: str(each["article"]) for each in contexts}, {each["cid"] for each in held}
    own = [each for each in questions if each["cid"] in known]
    for each in chance.sample(own, min(len(own), most)):
        noisy = chance.random() < NOISY
        other = chance.choice(questions)["question"]
        text = _disturbed(each["question"], other, chance) if noisy else each["question"]
        about, kind = article[each["cid"]], "~" if noisy else ""
        siblings = frozenset(cid for cid, name in article.items() if name == about)
        yield from asker.case(text, f"answerable{kind}", about, True)
        if len(held) > min(SIZES):
            yield from asker.case(text, f"gone{kind}", about, False, siblings)
            yield from asker.case(text, f"near{kind}", about, False, frozenset({each["cid"]}))


def _not_held(
    asker: Asker,
    contexts: list[dict[str, Any]],
    held: list[dict[str, Any]],
    questions: list[dict[str, Any]],
    chance: random.Random,
    most: int,
) -> Iterator[Case]:
    """Questions whose passage this tenant never had."""
    article, known = {each["cid"]: str(each["article"]) for each in contexts}, {each["cid"] for each in held}
    articles = {article[cid] for cid in known}
    gone = [each for each in questions if article[each["cid"]] not in articles]
    near = [each for each in questions if article[each["cid"]] in articles and each["cid"] not in known]
    for kind, some, number in (("gone", gone, most), ("near", near, most // 2)):
        for each in chance.sample(some, min(len(some), number)):
            yield from asker.case(each["question"], kind, article[each["cid"]], False)


def _disturbed(question: str, other: str, chance: random.Random) -> str:
    """The question with two letters of a word exchanged, or with a word of another question."""
    words = list(_LONG_WORD.finditer(question))
    if words and chance.random() < 0.5:
        word = max(words, key=lambda match: len(match.group()))
        at = chance.randrange(word.start() + 1, word.end() - 2)
        return f"{question[:at]}{question[at + 1]}{question[at]}{question[at + 2 :]}"
    content = words_of(understand(other)).content(pad([other])[0])
    if not content:
        return question
    unspaced = _UNSPACED.search(question) is not None
    word_of_other = chance.choice(content)[: 4 if unspaced else 20]
    parts = list(question) if unspaced else question.split(" ")
    parts.insert(chance.randrange(1, max(2, len(parts))), word_of_other)
    return ("" if unspaced else " ").join(parts)


def _dialects(data: Path, name: str) -> Iterator[Case]:
    records = dialect_corpus(data, arabic=name != "zh")
    asked = [
        each
        for each in rows(data / f"dialect_questions/{name}/dev.jsonl")
        if each["cid"] is None or (each["set"] in ("xquad", "shop") and each.get("answers"))
    ]
    yield from _of_dialect(name, records, asked, EVERYTHING)
    chance = random.Random(name)
    golds = {str(each["cid"]) for each in asked}
    answering = [record for record in records if record["id"] in golds]
    for size in DIALECT_SIZES:
        yield from _of_dialect(name, chance.sample(answering, size), chance.sample(asked, len(asked) // 2), size)


def _of_dialect(name: str, records: list[dict[str, Any]], asked: list[dict[str, Any]], size: int) -> Iterator[Case]:
    scope, known = load(records), {record["id"] for record in records}
    for each in asked:
        language = each["lang"].split("-")[0]
        asker = Asker(scope, name, "es" if language == "es" else "zh" if name == "zh" else "ar", size)
        text, cid = each["question"], str(each["cid"])
        prefix = cid.rpartition("-")[0]
        siblings = frozenset(one for one in known if prefix and one.startswith(f"{prefix}-")) or frozenset({cid})
        if each["cid"] is None:
            yield from asker.case(text, "none", text, False)
            continue
        article = prefix.partition("-")[2] or cid
        if cid in known:
            yield from asker.case(text, "dialect", article, True)
        yield from asker.case(text, "dialect gone", article, False, siblings)


def _clapnq(data: Path) -> Iterator[Case]:
    answerable, not_answerable = (rows(data / f"clapnq/dev_{name}.jsonl") for name in ("answerable", "unanswerable"))
    everything = answerable + not_answerable
    records = [{"id": each["qid"], "title": each["title"], "text": each["passage"]} for each in everything]
    asker = Asker(load(records), "clapnq", "en")
    for each in everything:
        yield from asker.case(each["question"], "clapnq", each["title"], bool(each["answerable"]))


def _paraphrases(data: Path) -> Iterator[Case]:
    """Frequent questions, asked in other words."""
    pairs = [row for row in rows(data / "covid_faq/paraphrases.jsonl") if row["similar"] == "1" and row["lang"] == "en"]
    said = dict(list({row["q1"]: row["q2"] for row in pairs}.items())[:120])
    records = [{"id": question, "title": question, "text": question} for question in said]
    asker = Asker(load(records), "covid_faq", "en")
    for question, other in said.items():
        yield from asker.case(other, "rules", question, True)
        yield from asker.case(other, "near", question, False, frozenset({question}))


def _rules(data: Path) -> Iterator[Case]:
    records = [{"id": row["id"], "text": row["text"]} for row in rows(data / "or_sharc/snippets.jsonl")]
    asker = Asker(load(records), "or_sharc", "en")
    asked = {row["question"]: str(row["gold_snippet"]) for row in rows(data / "or_sharc/dev.jsonl")}
    for question, gold in list(asked.items())[:150]:
        yield from asker.case(question, "rules", gold, True)
        yield from asker.case(question, "near", gold, False, frozenset({gold}))
