"""Texts and questions to measure with: made up, from a seed, in the statistics of English.

Words follow Zipf and Mandelbrot's law over 150,000 forms, a hundred of them English function words; the rest are built
of syllables and endings, frequent ones short. A text draws three rare words in five from a topic's own, so that texts differ in
what they are about, and a question asks for content words of one sentence. With `--data FOLDER` the texts are sentences
of `contexts.en.jsonl` there (a `text` in each line), drawn anew, and questions ask for words of theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


def _parted(line: str) -> tuple[str, ...]:
    return tuple(line.split())


FUNCTION_WORDS = _parted(
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "one were all we when there can who been has their if would its no so what them about other into than some could "
    "time these two may then do first any my now such like our over man me even most made after also did many before "
    "must through years where much your way well down should because each just those people how too little state good "
    "very make world still own see men work long get here between both life being under never day same another know"
)
ONSETS = _parted("b c d f g h j l m n p r s t v w b c d f g h l m n p r s t br ch cl fr gr pr sh st th tr")
NUCLEI = _parted("a e i o u a e i o u a e i o ea ou")
CODAS = [*[""] * 12, *_parted("n r s t l m d n r s t l nd st ck")]
ENDINGS = [*[""] * 14, *_parted("s s ed ing er ly al tion ment ity")]
FORMS, TOPICS, TOPIC_WORDS = 150_000, 4_000, 40
COMMON = 1_500
"""Ranks below this are no topic's own."""
BLOCK = 1_000
WORDS = 190
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Corpus:
    """NDJSON records, and questions, each with the id of the record it was made from."""

    records: Path
    questions: Path
    documents: int
    megabytes: float


def write_corpus(
    folder: Path, documents: int, paragraphs: int = 1, questions: int = 500, data: Path | None = None
) -> Corpus:
    """`documents` texts of `paragraphs` paragraphs, each of 800 to 1,000 characters; the same for the same arguments."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(20)
    paragraph = _resampled(data, rng) if data else _made_up(rng)
    asked = set(rng.choice(documents, min(questions, documents), replace=False).tolist())
    made: list[dict[str, str]] = []
    size = 0
    with (folder / "records.ndjson").open("w", encoding="utf-8") as out:
        for number in range(documents):
            text = "\n\n".join(next(paragraph) for _ in range(paragraphs))
            size += len(text.encode())
            out.write(json.dumps({"id": f"r{number}", "text": text}, ensure_ascii=False) + "\n")
            if number in asked:
                made.append({"id": f"r{number}", "question": _question(text, rng)})
    (folder / "questions.json").write_text(json.dumps(made), encoding="utf-8")
    return Corpus(folder / "records.ndjson", folder / "questions.json", documents, size / 1e6)


def _vocabulary(rng: np.random.Generator) -> list[str]:
    found = dict.fromkeys(FUNCTION_WORDS)
    while len(found) < FORMS:
        syllables = 1 + int(rng.random() * min(3.0, 1.5 + len(found) / 20_000))
        parts = (ONSETS, NUCLEI, CODAS) * syllables
        word = "".join(part[int(rng.random() * len(part))] for part in parts)
        found[word + ENDINGS[int(rng.random() * len(ENDINGS))]] = None
    return list(found)


def _made_up(rng: np.random.Generator) -> Iterator[str]:
    words = _vocabulary(rng)
    weights = 1 / (np.arange(FORMS) + 2.7) ** 1.07
    law = np.cumsum(weights / weights.sum())
    topics = rng.integers(COMMON, FORMS // 4, (TOPICS, TOPIC_WORDS))
    while True:
        drawn = np.minimum(np.searchsorted(law, rng.random((BLOCK, WORDS))), FORMS - 1)
        own = topics[rng.integers(0, TOPICS, BLOCK)[:, None], rng.integers(0, TOPIC_WORDS, (BLOCK, WORDS))]
        # A topic's words replace rare ones only: function words stay as frequent as they are.
        drawn = np.where((rng.random((BLOCK, WORDS)) < 0.6) & (drawn > len(FUNCTION_WORDS)), own, drawn)
        for ranks, lengths in zip(drawn.tolist(), rng.integers(8, 25, (BLOCK, 24)).tolist(), strict=True):
            yield _prose(
                [words[rank] for rank in ranks], lengths, int(rng.integers(800, 1001)), int(rng.integers(1, 2100))
            )


def _prose(words: list[str], lengths: list[int], characters: int, number: int) -> str:
    """Sentences of `lengths` words, up to about so many characters; one holds the number."""
    sentences: list[str] = []
    at = held = 0
    for length in lengths:
        sentence = " ".join(words[at : at + length])
        at += length
        if not sentences:
            sentence = f"{sentence} {number}"
        if held + len(sentence) > characters:
            sentence = sentence[: max(0, characters - held)].rpartition(" ")[0]
        if not sentence:
            break
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
        held += len(sentence) + 2
    return " ".join(sentences)


def _resampled(data: Path, rng: np.random.Generator) -> Iterator[str]:
    lines = (data / "contexts.en.jsonl").read_text(encoding="utf-8").splitlines()
    sentences = [each for line in lines for each in _SENTENCE.split(json.loads(line)["text"]) if 20 < len(each) < 400]
    while True:
        wanted, chosen, held = int(rng.integers(800, 1001)), [], 0
        while held < wanted:
            chosen.append(sentences[int(rng.integers(len(sentences)))])
            held += len(chosen[-1]) + 1
        yield " ".join(chosen)


def _question(text: str, rng: np.random.Generator) -> str:
    sentences = [each for each in _SENTENCE.split(text) if len(each) > 30] or [text]
    sentence = sentences[int(rng.integers(len(sentences)))]
    found = [word.lower() for word in _WORD.findall(sentence) if word.lower() not in FUNCTION_WORDS] or ["anything"]
    chosen = found[: int(rng.integers(3, 6))]
    half = len(chosen) // 2
    return f"What is the {' '.join(chosen[:half])} of the {' '.join(chosen[half:])}, and is it free?"


def read_records(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
