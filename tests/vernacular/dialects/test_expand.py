from __future__ import annotations

from vernacular.dialects.expand import Expander
from vernacular.dialects.pack import DomainEntry, Entry, Manifest, Pack
from vernacular.dialects.registry import Registry
from vernacular.types import Detection, Expansion


def pack(tag: str, standard: str = "", lexicon: tuple[Entry, ...] = (), domains: tuple[DomainEntry, ...] = ()) -> Pack:
    manifest = Manifest(
        tag=tag, version="1.0.0", name=tag, native=tag, family="zh", standard=standard, scripts=["Hant"]
    )
    return Pack(manifest, lexicon, domains=domains)


STANDARD = pack(
    "zh-Hant-TW",
    lexicon=(Entry(("計程車",), ("出租汽車",)),),
    domains=(
        DomainEntry("labour", ("老闆",), ("雇主",)),
        DomainEntry("labour", ("開除", "被開除"), ("終止契約",)),
        DomainEntry("traffic", ("紅燈",), ("號誌",)),
    ),
)
CANTONESE = pack(
    "yue-Hant-HK",
    "zh-Hant-TW",
    (
        Entry(("老細",), ("老闆", "上司")),
        Entry(("人工",), ("工資",), sense=0.6),
        Entry(("手信",), ("禮物", "手信")),
        Entry(("差館",), ("警署",), sense=0.3),
    ),
)
HOKKIEN = pack("nan-Hant-TW", "zh-Hant-TW", (Entry(("頭家",), ("老闆",)), Entry(("人工",), ("勞力",))))
EXPANDER = Expander(Registry([STANDARD, CANTONESE, HOKKIEN]))
SURELY = Detection("yue-Hant-HK", "Hant", 0.95, (("yue-Hant-HK", 0.95),))


def expanded(query: str, detection: Detection | None = SURELY, **options: object) -> list[Expansion]:
    return list(EXPANDER.expand(query, "zh", detection, **options))  # type: ignore[arg-type]


def terms(query: str, detection: Detection | None = SURELY, **options: object) -> dict[str, tuple[str, ...]]:
    return {query[each.start : each.end]: each.terms for each in expanded(query, detection, **options)}


class TestLexicon:
    def test_says_what_documents_call_a_word_of_the_variety(self) -> None:
        (found,) = expanded("我老細好惡", domains=False)
        assert ("我老細好惡"[found.start : found.end], found.terms) == ("老細", ("老闆", "上司"))
        assert (found.kind, found.source) == ("lexicon", "yue-Hant-HK")

    def test_counts_a_word_that_may_mean_something_else_for_less(self) -> None:
        (sure,), (unsure,) = expanded("老細", domains=False), expanded("人工", domains=False)
        assert unsure.weight < sure.weight < 1

    def test_counts_a_word_that_is_standard_too_for_less(self) -> None:
        (sure,), (both,) = expanded("老細", domains=False), expanded("手信", domains=False)
        assert both.weight < sure.weight

    def test_looks_up_no_other_variety_once_it_is_sure(self) -> None:
        assert terms("頭家", domains=False) == {}
        assert terms("人工", domains=False) == {"人工": ("工資",)}

    def test_keeps_the_meanings_of_all_varieties_while_it_is_unsure(self) -> None:
        unsure = Detection("yue-Hant-HK", "Hant", 0.4, (("yue-Hant-HK", 0.4), ("nan-Hant-TW", 0.35)))
        assert set(terms("人工", unsure, domains=False)["人工"]) == {"工資", "勞力"}

    def test_always_knows_the_standard_language(self) -> None:
        assert terms("計程車") == {"計程車": ("出租汽車",)}

    def test_can_be_left_out(self) -> None:
        assert terms("老細", lexicon=False) == {}


class TestVariants:
    def test_of_a_spelling_find_every_word_it_is_in(self) -> None:
        manifest = Manifest(
            tag="yue-Hant-HK",
            version="1.0.0",
            name="",
            native="",
            family="zh",
            scripts=["Hant"],
            variants={"野": "嘢", "依家": "而家"},
        )
        expander = Expander(Registry([Pack(manifest, (Entry(("食嘢",), ("用餐",)),))]))
        found = {each.terms for each in expander.expand("依家食野", "zh", None)}
        assert found == {("用餐",), ("而家",)}


class TestDomains:
    def test_say_what_official_texts_call_everyday_words(self) -> None:
        assert terms("被開除") == {"被開除": ("終止契約",)}

    def test_are_reached_through_the_standard_word_of_a_dialect_word(self) -> None:
        query = "老細想點"
        official = [each for each in expanded(query) if each.kind == "domain"]
        assert [(query[each.start : each.end], each.terms) for each in official] == [("老細", ("雇主",))]

    def test_are_not_reached_through_a_word_that_likely_means_something_else(self) -> None:
        assert [each.kind for each in expanded("差館")] == ["lexicon"]

    def test_can_be_chosen(self) -> None:
        assert terms("紅燈被開除", domains=["traffic"]) == {"紅燈": ("號誌",)}
        assert terms("紅燈被開除", domains=False) == {}


class TestSynonyms:
    def test_are_the_tenants_own(self) -> None:
        (found,) = expanded("Rita 喺邊", None, synonyms={"rita": ("服務台", "諮詢處")})
        assert (found.terms, found.kind) == (("服務台", "諮詢處"), "glossary")

    def test_count_as_they_are_now(self) -> None:
        synonyms = {"rita": ["服務台"]}
        assert terms("Rita 喺邊", None, domains=False, synonyms=synonyms)["Rita"] == ("服務台",)
        synonyms["rita"] = ["諮詢處"]
        assert terms("Rita 喺邊", None, domains=False, synonyms=synonyms)["Rita"] == ("諮詢處",)


class TestUnknown:
    def test_a_language_without_packs_is_left_alone(self) -> None:
        assert EXPANDER.expand("wo ist die Kasse", "de", None) == ()

    def test_an_empty_question_has_nothing_to_expand(self) -> None:
        assert expanded("") == []
