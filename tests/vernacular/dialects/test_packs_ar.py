"""The Arabic packs: five varieties, of which one is the standard, that speak of the same offices and shops."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable

import pytest
import regex

from vernacular.dialects.expand import Expander
from vernacular.dialects.fold import fold
from vernacular.dialects.lookup import Lookup
from vernacular.dialects.pack import Pack
from vernacular.dialects.registry import built_in
from vernacular.types import Detection

STANDARD = "arb-Arab"
VARIETIES = ("ary-Arab-MA", "arz-Arab-EG", "apc-Arab", "afb-Arab")
PHRASES = {
    "lead", "since", "until", "period", "no_match", "low_confidence", "outdated", "empty_index", "no_words", "contact",
    "quotes", "image_question", "from_image", "described", "clarify",
}  # fmt: skip
DOMAINS = {
    "government", "labour", "tax", "family", "traffic", "housing", "health", "justice", "education", "returns",
    "delivery", "payment", "sizes",
}  # fmt: skip
ARABIC = regex.compile(r"\p{Arabic}")
LATIN = regex.compile(r"[A-Za-z]")


def pack(tag: str) -> Pack:
    return built_in().get(tag)


def terms(question: str, tag: str) -> set[str]:
    """What a question in a variety that is known is searched for, beside its own words."""
    detection = Detection(tag, "Arab", 1.0, ((tag, 1.0),))
    return {term for found in Expander(built_in()).expand(question, "ar", detection) for term in found.terms}


def folded(texts: Iterable[str]) -> set[str]:
    return {fold(text).text for text in texts}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("tag", [*VARIETIES, STANDARD])
class TestEveryArabicPack:
    def test_has_three_hundred_entries_of_its_own(self, tag: str) -> None:
        assert len(pack(tag).lexicon) >= 300

    def test_writes_words_and_their_standard_terms_in_arabic_letters(self, tag: str) -> None:
        for entry in pack(tag).lexicon:
            assert all(ARABIC.search(text) or text.isnumeric() for text in (*entry.forms, *entry.terms)), entry
            assert not any(LATIN.search(text) for text in (*entry.forms, *entry.terms) if ARABIC.search(text)), entry

    def test_says_all_that_the_product_says_with_the_same_fields(self, tag: str) -> None:
        spoken, standard = pack(tag).phrases, pack(STANDARD).phrases
        assert spoken.keys() == PHRASES
        assert all(fields(spoken[key]) == fields(standard[key]) for key in PHRASES)

    def test_shows_a_model_how_it_is_written(self, tag: str) -> None:
        style = pack(tag).style
        assert 6 <= len(style.examples) <= 10
        assert all(each["standard"] != each["variety"] for each in style.examples)
        assert style.registers.keys() == {"formal", "plain", "colloquial"}

    def test_proves_itself_by_questions_whose_answer_stands_in_the_text(self, tag: str) -> None:
        rows = pack(tag).evaluation
        assert 20 <= len(rows) <= 30
        assert len({row["qid"] for row in rows}) == len(rows)
        assert all(answer in row["text"] for row in rows for answer in row["answers"])
        assert all(row["question"] != row["standard"] for row in rows)

    def test_adds_something_by_every_entry(self, tag: str) -> None:
        idle = [
            entry
            for entry in pack(tag).lexicon
            if folded(entry.terms) <= folded(entry.forms[:1]) and not entry.romanised
        ]
        assert not idle


@pytest.mark.parametrize("tag", VARIETIES)
class TestEveryVariety:
    def test_builds_on_standard_arabic_and_can_be_typed_in_arabizi(self, tag: str) -> None:
        manifest = pack(tag).manifest
        assert (manifest.family, manifest.standard, manifest.scripts[0]) == ("ar", STANDARD, "Arab")
        assert "arabizi" in manifest.romanisations
        assert sum(1 for entry in pack(tag).lexicon if entry.romanised) >= 250

    def test_types_its_words_in_latin_letters_and_digits_alone(self, tag: str) -> None:
        for entry in pack(tag).lexicon:
            assert not any(ARABIC.search(spelling) for spelling in entry.romanised), entry

    def test_knows_how_to_ask(self, tag: str) -> None:
        wanted = {"متى", "أين", "كيف", "كم", "لماذا", "من"}
        told = {term for entry in pack(tag).lexicon for term in entry.terms[:1] if entry.pos in ("adv", "pron")}
        assert wanted <= told

    def test_asks_for_numbers_and_dates_in_its_own_words(self, tag: str) -> None:
        own = {phrase.strip() for phrase in pack(tag).words.quantities.split(";")}
        assert len(own) >= 20


class TestAliases:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("ar", STANDARD), ("ary", "ary-Arab-MA"), ("ary-Latn", "ary-Arab-MA"), ("ary-MA", "ary-Arab-MA"),
            ("arz-EG", "arz-Arab-EG"), ("afb-Gulf", "afb-Arab"), ("apc-Levantine", "apc-Arab"), ("ar-LB", "apc-Arab"),
            ("ar-KW", "afb-Arab"), ("ajp-Arab-JO", "apc-Arab"),
        ],
    )  # fmt: skip
    def test_finds_the_pack_by_what_people_call_it(self, written: str, meant: str) -> None:
        assert pack(written).tag == meant

    def test_gives_no_tag_to_two_packs(self) -> None:
        named = [alias.casefold() for tag in (*VARIETIES, STANDARD) for alias in pack(tag).manifest.aliases]
        assert len(named) == len(set(named))


class TestStandardPack:
    def test_translates_what_people_say_in_every_domain(self) -> None:
        domains = pack(STANDARD).domains
        assert {entry.domain for entry in domains} >= DOMAINS
        assert len(domains) >= 400

    def test_knows_each_official_term_of_a_region_by_those_of_the_others(self) -> None:
        lookup = Lookup((form, entry) for entry in pack(STANDARD).lexicon for form in entry.forms)
        for one, other in itertools.pairwise(("رخصة القيادة", "رخصة السياقة", "إجازة السوق")):
            assert any(other in entry.terms for entry in lookup.get(one))
            assert any(one in entry.terms for entry in lookup.get(other))

    def test_knows_the_months_by_both_names(self) -> None:
        assert "كانون الثاني" in terms("متى ينتهي التسجيل في يناير؟", STANDARD)
        assert "يناير" in terms("متى ينتهي التسجيل في كانون الثاني؟", STANDARD)


class TestUnderstanding:
    @pytest.mark.parametrize(
        ("question", "tag", "wanted"),
        [
            ("فين نجدد لاكارط ناسيونال؟", "ary-Arab-MA", {"أين", "تجديد", "بطاقة التعريف الوطنية"}),
            ("واش نقدر نخلص الضو من الانترنت", "ary-Arab-MA", {"دفع", "الكهرباء", "الإنترنت"}),
            ("الطونوبيل ديالي دارت كسيدة", "ary-Arab-MA", {"السيارة", "حادث سير"}),
            ("عربيتي اتسرقت اعمل محضر فين", "arz-Arab-EG", {"السيارة", "سرقة", "محضر شرطة", "أين"}),
            ("مرتبي متأخر بقاله شهر", "arz-Arab-EG", {"تأخر صرف الأجر"}),
            ("صاحب البيت بدو يرفع الأجار", "apc-Arab", {"المؤجر", "الإيجار"}),
            ("قديش بيكلف دفتر السواقة", "apc-Arab", {"رخصة القيادة", "تكلفة"}),
            ("أبي أكنسل الموعد", "afb-Arab", {"إلغاء", "موعد"}),
            ("الدريول دعم موتري", "afb-Arab", {"السائق", "السيارة"}),
        ],
    )
    def test_adds_what_a_document_would_say(self, question: str, tag: str, wanted: set[str]) -> None:
        assert wanted <= terms(question, tag)

    def test_reads_a_word_as_its_own_variety_means_it(self) -> None:
        assert "انتهاء الصلاحية" in terms("الباسبور خلص", "arz-Arab-EG")
        assert "دفع" in terms("خلصت الفاتورة", "ary-Arab-MA")

    def test_leaves_a_question_without_dialect_words_nearly_alone(self) -> None:
        assert not terms("قائمة الطعام الياباني", STANDARD) & {"بطاقة الهوية", "دفع", "أين"}

    def test_goes_on_from_the_standard_wording_to_the_official_one(self) -> None:
        assert "الدفع عند الاستلام" in terms("أدفع كاش لما يوصل", STANDARD)
        assert "بدل فاقد" in terms("ضاعت هويتي", "apc-Arab")
