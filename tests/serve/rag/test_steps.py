from __future__ import annotations

import pytest

from serve.rag.compose import compose
from serve.rag.decline import FEATURES, calibration, confidence, contact_line, features
from serve.rag.evidence import Ranking, Reader
from serve.rag.generate import generate
from serve.rag.guard import clean, harmless, has_words
from serve.rag.matching import pad, terms
from serve.rag.rerank import rerank, with_highlights
from serve.rag.wording import wording
from serve.rag.words import lexicon
from tests.serve.rag.library import hit
from vernacular.types import Hit, Understanding

EN = lexicon("en")


def ranked(question: str, *hits: Hit) -> Ranking:
    return rerank(Reader().read(question, hits), EN)


def understood(language: str, script: str) -> Understanding:
    return Understanding("", "", language, script)


class TestMatching:
    def test_a_related_form_of_a_word_counts_in_part(self) -> None:
        asked = terms(pad(["registrations"])[0])
        whole, part, none = asked.word_matches(asked.matches(pad(["registrations", "registration fee", "swimming"])))
        assert whole[0] == 1
        assert 0.5 < part[0] < 1
        assert none[0] == 0

    def test_accents_case_and_script_variants_are_folded(self) -> None:
        asked = terms(pad(["Café 許可證"])[0])
        assert asked.word_matches(asked.matches(pad(["CAFE 许可证"]))).min() == 1

    def test_numbers_match_however_they_are_written(self) -> None:
        asked = terms(pad(["5999"])[0])
        assert asked.matches(pad(["costs 5,999.00"])).all()

    def test_an_endless_question_keeps_a_bounded_number_of_patterns(self) -> None:
        asked = terms(pad([" ".join(f"word{number}" for number in range(5000))])[0])
        assert len(asked.patterns) < 300


class TestRerank:
    def test_prefers_the_passage_that_says_it_in_one_place(self) -> None:
        scattered = hit(
            "The harbour master left. Fees were paid. Someone moored. A boat sank in the permit office.", 10.0
        )
        together = hit("The harbour is large. The boat permit fee is 20 crowns. Ask there.", 9.6)
        ranking = ranked("boat permit fee", scattered, together)
        assert ranking.order[0] == 1

    def test_keeps_every_hit_once(self) -> None:
        hits = [hit(f"Passage {number} about boats.", 40.0 - number) for number in range(30)]
        assert sorted(ranked("boats", *hits).order) == list(range(30))

    def test_highlights_are_spans_of_the_text(self) -> None:
        best = with_highlights(ranked("boat fee", hit("It rains. The boat fee is 3 crowns. Bye.")), 1)[0]
        assert [best.text[span.start : span.end] for span in best.highlights] == ["The boat fee is 3 crowns."]


class TestGenerate:
    def quotes(self, question: str, *hits: Hit) -> list[str]:
        ranking = ranked(question, *hits)
        return [quote.text for quote in generate(ranking, compose(ranking, 5), EN, 3)]

    def test_a_quote_is_at_most_two_short_sentences(self) -> None:
        sentence = (
            "The permit for boats is issued by the harbour master after an inspection of the boat and its papers. "
        )
        quotes = self.quotes("Who issues the permit for boats?", hit((sentence * 12).strip()))
        assert all(len(quote) <= 2 * len(sentence) for quote in quotes)

    def test_a_question_for_a_number_gets_the_sentence_with_one(self) -> None:
        quotes = self.quotes(
            "How much is the boat permit?",
            hit(
                "The boat permit is a document for boats that every boat owner with a boat in the harbour of the town needs "
                "to carry on board at all times and to show to the officers of the harbour on demand, and which is printed "
                "on blue paper that does not suffer from water.\n\nThe boat permit is 20 crowns."
            ),
        )
        assert "20 crowns" in quotes[0]

    def test_a_table_row_comes_with_its_header_and_stays_verbatim(self) -> None:
        table = "| Permit | Fee |\n| --- | --- |\n| Boat | 20 crowns |\n| Bicycle | 4 crowns |"
        ranking = ranked("boat fee", hit(table, headings=("Fees 2026",)))
        quote = generate(ranking, compose(ranking, 5), EN, 1)[0]
        assert "20 crowns" in quote.text
        assert quote.text in table
        assert quote.context == "Fees 2026 — Permit | Fee"

    def test_a_field_line_comes_with_its_title(self) -> None:
        ranking = ranked("boat colour", hit("Colour: red\nLength: 4 m", title="Boat Aurora"))
        quote = generate(ranking, compose(ranking, 5), EN, 1)[0]
        assert quote.text == "Colour: red"
        assert quote.context == "Boat Aurora"

    def test_a_heading_is_no_quote(self) -> None:
        quotes = self.quotes(
            "What is the boat permit fee?",
            hit("# Boat permit fee\n\nThe fee is 20 crowns a year.", headings=("Boat permit fee",)),
            hit("Boat permit fee\n\nAsk at the harbour.", 0.9, title="Boat permit fee"),
        )
        assert quotes
        assert not any("Boat permit fee" in quote for quote in quotes)

    def test_a_documents_heading_alone_is_not_an_answer(self) -> None:
        assert self.quotes("What is the boat permit fee?", hit("## The boat permit fee")) == []

    @pytest.mark.parametrize("rule", ["| --- | --- |\n", ""])
    def test_the_names_of_columns_and_rows_about_other_things_are_no_quotes(self, rule: str) -> None:
        table = f"| Boat kind | Permit fee |\n{rule}| Sailing boat | 20 crowns |\n| Bicycle | 4 crowns |\n| Car | 9 crowns |"
        assert self.quotes("Which fee has a sailing boat?", hit(table)) == ["| Sailing boat | 20 crowns |"]

    def test_a_table_without_names_of_columns_gives_its_first_row_too(self) -> None:
        table = "Sailing boat\t20 crowns\nBicycle\t4 crowns"
        assert self.quotes("Which fee has a sailing boat?", hit(table)) == ["Sailing boat\t20 crowns"]

    def test_the_same_sentence_of_two_documents_is_quoted_once(self) -> None:
        quotes = self.quotes(
            "What is the boat permit fee?",
            hit("The boat permit fee is 20 crowns a year.", 2.0),
            hit("Note: the boat permit fee is 20 crowns a year.", 2.0),
            hit("The fee for a boat permit is waived for residents over seventy.", 2.0),
        )
        assert len(quotes) == 2
        assert sum("20 crowns" in quote for quote in quotes) == 1

    def test_what_adds_nothing_is_not_quoted(self) -> None:
        quotes = self.quotes(
            "What is the boat permit fee?",
            hit("The boat permit fee is 20 crowns a year.\n\nGulls sing loudly.\n\nGood morning!", 2.0),
        )
        assert quotes == ["The boat permit fee is 20 crowns a year."]


class TestCompose:
    def test_the_same_text_is_used_once(self) -> None:
        text = "The boat fee is 3 crowns."
        assert compose(ranked("boat fee", hit(text, 5.0), hit(text, 5.0)), 5) == (0,)


class TestGuard:
    def test_invisible_characters_go_and_joiners_that_spelling_needs_stay(self) -> None:
        assert clean(" a\u200b\u202eb\U000e0041\x00 می\u200cشود ") == "ab می\u200cشود"

    def test_words_are_letters_or_digits(self) -> None:
        assert has_words("42?")
        assert not has_words("🙂 ?!")

    def test_links_images_and_tags_lose_their_effect(self) -> None:
        shown = harmless("see ![a](http://x.example) and <script>\n[12]")
        assert "](" not in shown
        assert "\\<script>" in shown
        assert "[12]" not in shown
        assert "\n" not in shown


class TestConfidence:
    def test_grows_with_what_the_passages_hold_of_the_question(self) -> None:
        filler = [hit(f"Something else entirely, number {number}.", 1.0) for number in range(8)]
        good = ranked("What is the boat permit fee?", hit("The boat permit fee is 20 crowns.", 20.0), *filler)
        bad = ranked("What is the boat permit fee?", hit("The weather was fine.", 1.1), *filler)
        values = [features(each, generate(each, compose(each, 5), EN, 3), EN) for each in (good, bad)]
        assert all(set(FEATURES) <= set(each) for each in values)
        assert confidence(values[0], understood("en", "Latn")) > 0.5 > confidence(values[1], understood("en", "Latn"))

    def test_every_script_has_a_calibration(self) -> None:
        neutral = dict.fromkeys(FEATURES, 0.5)
        scripts = ("Hans", "Hant", "Jpan", "Arab", "Latn", "Thai", "Zyyy")
        assert all(0 <= confidence(neutral, understood("und", script)) <= 1 for script in scripts)
        assert calibration(understood("zh-Hant", "Hant")) == calibration(understood("zh-Hans", "Hans"))
        assert calibration(understood("vi", "Latn")) != calibration(understood("en", "Latn"))

    def test_a_contact_is_one_line(self) -> None:
        assert contact_line({"name": "Desk", "phone": "555", "email": ""}) == "Desk · 555"
        assert contact_line("Desk") == "Desk"
        assert contact_line(None) == ""


class TestWording:
    def test_thirty_languages_have_every_phrase(self) -> None:
        tags = [
            "ar",
            "bn",
            "cs",
            "de",
            "el",
            "en",
            "es",
            "fa",
            "fi",
            "fr",
            "he",
            "hi",
            "hu",
            "id",
            "it",
            "ja",
            "ko",
            "ms",
            "nan-Hant",
            "nl",
            "pl",
            "pt",
            "ro",
            "ru",
            "sv",
            "sw",
            "ta",
            "th",
            "tl",
            "tr",
            "uk",
            "ur",
            "vi",
            "yue-Hant-HK",
            "zh-Hans",
            "zh-Hant",
        ]
        leads = [wording(tag).say("lead") for tag in tags]
        assert len(set(leads)) == len(tags)

    def test_an_unknown_language_gets_english_and_a_region_its_language(self) -> None:
        assert wording("xx").say("lead") == wording("en").say("lead")
        assert wording("es-CO").say("lead") == wording("es").say("lead")
        assert wording("zh-TW").say("lead") == wording("zh-Hant").say("lead")
