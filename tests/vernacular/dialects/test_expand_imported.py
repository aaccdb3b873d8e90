from __future__ import annotations

from vernacular.dialects.expand import Expander
from vernacular.dialects.pack import Manifest, Pack, read_lexicon
from vernacular.dialects.registry import Registry

TAG = "nan-Hant-TW"


def terms(lexicon: str, question: str) -> list[tuple[str, ...]]:
    manifest = Manifest(tag=TAG, version="1.0.0", name="Test", native="test", family="zh", scripts=["Hant"])
    pack = Pack(manifest, tuple(read_lexicon(lexicon, "test")))
    return [expansion.terms for expansion in Expander(Registry([pack])).expand(question, "zh", None)]


class TestWordsOfAnImportedDictionary:
    def test_that_the_standard_writes_the_same_keep_shorter_ones_away_and_add_nothing(self) -> None:
        lexicon = "派\t幫派\n派出所\t派出所\n"
        assert terms(lexicon, "派出所佇佗位") == []
        assert terms(lexicon, "伊是佗一派的") == [("幫派",)]

    def test_that_the_standard_writes_in_another_script_are_the_same(self) -> None:
        assert terms("國\t國家\n國家\t国家\n", "國家") == []

    def test_of_which_only_the_pronunciation_is_known_hide_nothing(self) -> None:
        assert terms("返屋企\t\t\t\tfaan1 uk1 kei2\n屋企\t家\n", "我想返屋企") == [("家",)]

    def test_may_be_longer_than_what_is_left_of_the_question(self) -> None:
        assert terms("派\t幫派\n派出所仔\t派出所\n", "一派") == [("幫派",)]
