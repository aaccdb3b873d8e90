"""What the packs of Spanish, English, Portuguese and French promise."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from vernacular.dialects.expand import Expander
from vernacular.dialects.lookup import LONGEST
from vernacular.dialects.pack import Pack
from vernacular.dialects.registry import Registry, built_in
from vernacular.types import Detection

SPANISH = ("es-MX", "es-AR", "es-x-caribe", "es-x-andes", "es-ES")
STANDARDS = ("es", "en", "pt-BR", "fr")
DOMAINS = {
    "government", "labour", "tax", "family", "traffic", "housing", "health",
    "justice", "education", "returns", "delivery", "payment", "sizes",
}  # fmt: skip
PLACE = re.compile(r"{\w+}")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return built_in()


@pytest.fixture(scope="module", params=[*SPANISH, *STANDARDS])
def pack(request: pytest.FixtureRequest, registry: Registry) -> Pack:
    return registry.get(request.param)


def surely(tag: str) -> Detection:
    return Detection(tag=tag, script="Latn", confidence=1.0)


def terms(registry: Registry, tag: str, question: str) -> set[str]:
    family = registry.get(tag).manifest.family
    found = Expander(registry).expand(question, family, surely(tag))
    return {term for expansion in found for term in expansion.terms}


class TestLexicon:
    def test_has_enough_entries(self, pack: Pack) -> None:
        assert len(pack.lexicon) >= 300

    def test_never_explains_a_word_by_itself_alone(self, pack: Pack) -> None:
        assert not [entry for entry in pack.lexicon if set(entry.terms) <= set(entry.forms)]

    def test_has_no_form_too_long_to_be_looked_up(self, pack: Pack) -> None:
        forms = [form for entry in pack.lexicon for form in entry.forms]
        forms += [form for entry in pack.domains for form in entry.forms]
        assert not [form for form in forms if len(form) > LONGEST]

    def test_explains_no_function_word_of_its_own_pack_with_certainty(self, pack: Pack) -> None:
        function = set(pack.words.function.split())
        certain = {form for entry in pack.lexicon if entry.sense > 0.7 for form in entry.forms}
        assert not certain & function

    def test_lets_prepositions_and_common_verbs_alone(self, pack: Pack) -> None:
        forms = {form for entry in pack.lexicon for form in entry.forms}
        assert not forms & {"para", "ser", "es", "que", "de", "the", "of", "is", "les", "des", "est", "uma", "por"}


class TestDomains:
    @pytest.mark.parametrize(("tag", "least"), [("es", 400), ("en", 200), ("pt-BR", 150), ("fr", 150)])
    def test_covers_what_citizens_and_customers_ask(self, registry: Registry, tag: str, least: int) -> None:
        pack = registry.get(tag)
        assert len(pack.domains) >= least
        assert {entry.domain for entry in pack.domains} >= DOMAINS

    @pytest.mark.parametrize("tag", SPANISH)
    def test_come_from_the_standard_language(self, registry: Registry, tag: str) -> None:
        assert registry.get("es") in registry.chain(registry.get(tag))


class TestWording:
    def test_says_all_that_the_product_says(self, registry: Registry, pack: Pack) -> None:
        assert set(pack.phrases) == set(registry.get("en").phrases)

    def test_keeps_the_places_to_fill(self, registry: Registry, pack: Pack) -> None:
        english = registry.get("en").phrases
        for key, text in pack.phrases.items():
            assert set(PLACE.findall(text)) == set(PLACE.findall(english[key])), key

    @pytest.mark.parametrize(
        ("tag", "key", "verb"),
        [("es-AR", "no_words", "Escribí "), ("es-ES", "no_match", "He buscado "), ("es-MX", "no_words", "Escriba ")],
    )
    def test_conjugates_as_the_variety_does(self, registry: Registry, tag: str, key: str, verb: str) -> None:
        assert registry.get(tag).phrases[key].startswith(verb)

    def test_shows_a_model_how_the_variety_is_written(self, pack: Pack) -> None:
        style = pack.style
        assert style.name
        assert 5 <= len(style.guide.strip().splitlines()) <= 10
        assert set(style.registers) == {"formal", "plain", "colloquial"}
        assert 6 <= len(style.examples) <= 10
        assert all(example["standard"] != example["variety"] for example in style.examples)

    def test_knows_little_words_that_mean_nothing_to_a_search(self, pack: Pack) -> None:
        assert len(set(pack.words.function.split())) >= 40


class TestEvaluation:
    def test_asks_twenty_to_thirty_questions_with_answers_in_their_texts(self, pack: Pack) -> None:
        assert 20 <= len(pack.evaluation) <= 30
        for row in pack.evaluation:
            assert all(answer in row["text"] for answer in row["answers"]), row["qid"]
            assert row["question"] != row["standard"]

    def test_asks_no_question_twice(self, registry: Registry) -> None:
        rows = [row for tag in (*SPANISH, *STANDARDS) for row in registry.get(tag).evaluation]
        assert max(Counter(row["qid"] for row in rows).values()) == 1
        assert max(Counter(row["question"] for row in rows).values()) == 1


class TestTags:
    @pytest.mark.parametrize(
        ("written", "tag"),
        [
            ("es-CU", "es-x-caribe"),
            ("es-DO", "es-x-caribe"),
            ("es-PR", "es-x-caribe"),
            ("es-PE", "es-x-andes"),
            ("es-BO", "es-x-andes"),
            ("es-UY", "es-AR"),
            ("es-419", "es"),
            ("es-CO", "es"),
            ("en-IN", "en"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("fr-CA", "fr"),
        ],
    )
    def test_are_found_as_people_write_them(self, registry: Registry, written: str, tag: str) -> None:
        assert registry.get(written).tag == tag


class TestExpansion:
    @pytest.mark.parametrize(
        ("tag", "question", "term"),
        [
            ("es-MX", "¿dónde checo lo de mi chamba?", "revisar"),
            ("es-MX", "¿dónde checo lo de mi chamba?", "empleo"),
            ("es-AR", "se me venció el registro y no tengo turno", "permiso de conducir"),
            ("es-AR", "cuánta guita sale la nafta", "gasolina"),
            ("es-x-caribe", "a qué hora pasa la guagua", "autobús"),
            ("es-x-andes", "mi wawa necesita una chompa", "suéter"),
            ("es-ES", "he perdido el móvil currando", "trabajo"),
            ("es", "mi jefe no me paga lo que me debe", "salarios adeudados"),
            ("en", "my boss hasn't paid me", "unpaid wages"),
            ("en", "the lift is out of order", "elevator"),
            ("pt-BR", "meu trampo não paga meu salário", "trabalho"),
            ("fr", "j'ai pris une prune", "amende"),
        ],
    )
    def test_finds_what_documents_call_it(self, registry: Registry, tag: str, question: str, term: str) -> None:
        assert term in terms(registry, tag, question)

    @pytest.mark.parametrize("tag", SPANISH)
    def test_knows_lay_words_of_a_standard_domain_in_every_variety(self, registry: Registry, tag: str) -> None:
        assert "despido" in terms(registry, tag, "me van a despedir por estar embarazada")

    def test_counts_a_word_of_two_meanings_for_less(self, registry: Registry) -> None:
        found = Expander(registry).expand("a cuánto está la lana y la feria", "es", surely("es-MX"))
        assert 0 < min(each.weight for each in found if "dinero" in each.terms) <= 0.8
        senses = {form: entry.sense for entry in registry.get("es-AR").lexicon for form in entry.forms}
        assert all(senses[word] < 1 for word in ("turno", "boleta", "plata", "mango", "palo", "torta"))
