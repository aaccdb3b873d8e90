from __future__ import annotations

from vernacular.dialects.pack import Manifest, Pack
from vernacular.evaluation.lexical import LexicalIndex
from vernacular.evaluation.packs import prove
from vernacular.types import Detection, Expansion, Understanding

TEXTS = ("The library opens at nine.", "A dog licence costs twelve crowns.", "Rubbish is collected on Mondays.")


def pack(tag: str, standard: str, *rows: tuple[str, str, str]) -> Pack:
    manifest = Manifest(
        tag=tag, version="1.0.0", name=tag, native=tag, family="xx", standard=standard, scripts=["Latn"]
    )
    questions = tuple({"question": question, "standard": plain, "text": text} for question, plain, text in rows)
    return Pack(manifest, evaluation=questions)


def understand(question: str) -> Understanding:
    """`mutt` is a dog; what has a mutt in it is in the variety."""
    at = question.find("mutt")
    found = Detection("xx-Slang" if at >= 0 else None, "Latn", 0.9)
    added = (Expansion(at, at + 4, ("dog",), 0.8, "lexicon"),) if at >= 0 else ()
    return Understanding(question, question, "xx", "Latn", expansions=added, detection=found)


class TestLexicalIndex:
    def test_ranks_what_holds_the_words_first(self) -> None:
        index = LexicalIndex(TEXTS)
        assert index.rank([("dog licence", 1.0)], 1) == 1
        assert index.rank([("library dog", 1.0)], 2) is None

    def test_counts_words_by_their_weight(self) -> None:
        index = LexicalIndex(TEXTS)
        assert index.rank([("library", 1.0), ("dog", 0.1)], 1) == 2
        assert index.rank([("library", 0.1), ("dog", 1.0)], 1) == 1

    def test_gives_no_credit_for_a_draw(self) -> None:
        assert LexicalIndex(["a dog", "a dog"]).rank([("dog", 1.0)], 0) == 2


class TestProve:
    def test_holds_the_variety_against_standard_wording(self) -> None:
        slang = pack(
            "xx-Slang",
            "xx",
            ("mutt paper?", "What does a dog licence cost?", TEXTS[1]),
            ("when's bin day?", "When is rubbish collected?", TEXTS[2]),
        )
        kin = pack("xx", "", ("library?", "When does the library open?", TEXTS[0]))
        proof = prove(slang, [slang, kin], understand)
        assert (proof["questions"], proof["texts"]) == (2, 3)
        assert proof["standard"] == {"recall@1": 1.0, "recall@5": 1.0}
        assert proof["without"] == {"recall@1": 0.0, "recall@5": 0.0}
        assert proof["with"] == {"recall@1": 0.5, "recall@5": 0.5}
        assert (proof["detected"], proof["mistaken"]) == (0.5, 0.0)
        assert [missed["question"] for missed in proof["missed"]] == ["when's bin day?"]

    def test_has_no_figures_without_questions(self) -> None:
        proof = prove(pack("xx", ""), [], understand)
        assert (proof["with"]["recall@1"], proof["detected"], proof["mistaken"]) == (None, None, None)
