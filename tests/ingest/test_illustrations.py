from __future__ import annotations

import pytest

from ingest.chunk import chunk
from ingest.illustrations import Illustration, illustrated, tells_something
from ingest.parse.images.embedded import Place
from vernacular.types import Document, Heading, Page, Span
from vernacular.vision import IMAGES, MARK, Description, described

SEEN = "A map of the harbour with three piers."
READ = "FERRY TICKETS"


def seen(place: Place, text: str = SEEN, read: str = "", digest: str = "d") -> Illustration:
    return Illustration(digest, place, read, Description(text, "vl"))


def behind(words: str, before: int = 0) -> Place:
    return Place(behind=((words, before),))


def words(document: Document) -> list[str]:
    """What pages, headings and tables hold."""
    spans: list[Page | Heading | Span] = [*document.pages, *document.headings, *document.tables]
    return [document.text[each.start : each.end] for each in spans]


FLOWING = Document("a", "Harbour\n\nWe sail.\n\n| a | b |\n| c | d |\n\nFees\n\nWe sail.\n\nThe end.")
FLOWING = Document(
    "a",
    FLOWING.text,
    headings=(Heading(1, 0, 7), Heading(1, FLOWING.text.index("Fees"), FLOWING.text.index("Fees") + 4)),
    tables=(Span(FLOWING.text.index("|"), FLOWING.text.index("\n\nFees")),),
)
PAGED = Document("p", "One.\n\nThree.", pages=(Page(1, 0, 4, "First"), Page(3, 6, 12)))


class TestFlowingText:
    def test_stands_below_the_paragraph_that_it_belongs_to(self) -> None:
        made = illustrated(FLOWING, [seen(behind("We sail."), read=READ)])
        assert made.text.startswith(f"Harbour\n\nWe sail.\n\n{READ}\n\n{MARK}\n\n{SEEN}\n\n| a | b |")
        [place] = made.metadata[IMAGES]
        assert made.text[place["start"] : place["end"]] == f"{MARK}\n\n{SEEN}"
        assert (place["image"], place["model"], place["prompt"]) == ("d", "vl", "describe.v1")

    def test_stands_below_the_right_one_of_like_paragraphs(self) -> None:
        made = illustrated(FLOWING, [seen(behind("We sail.", 1))])
        assert made.text.endswith(f"Fees\n\nWe sail.\n\n{MARK}\n\n{SEEN}\n\nThe end.")

    def test_cuts_no_table(self) -> None:
        made = illustrated(FLOWING, [seen(behind("a |"))])
        assert f"| c | d |\n\n{MARK}\n\n{SEEN}\n\nFees" in made.text

    def test_stands_at_the_end_where_the_words_are_not_found(self) -> None:
        for place in (behind("nowhere"), Place(page=7), behind(""), behind("(*")):
            assert illustrated(FLOWING, [seen(place)]).text == f"{FLOWING.text}\n\n{MARK}\n\n{SEEN}"

    def test_stands_at_the_start_where_no_words_come_before(self) -> None:
        made = illustrated(FLOWING, [seen(Place()), seen(Place(), "Second.")])
        assert made.text == f"{MARK}\n\n{SEEN}\n\n{MARK}\n\nSecond.\n\n{FLOWING.text}"
        assert words(made) == words(FLOWING)

    def test_takes_the_nearest_words_that_are_found(self) -> None:
        place = Place(behind=(("nowhere", 0), ("The end.", 0), ("Harbour", 0)))
        assert illustrated(FLOWING, [seen(place)]).text.endswith(f"The end.\n\n{MARK}\n\n{SEEN}")

    def test_keeps_the_words_of_headings_and_tables(self) -> None:
        places = [behind("Harbour"), behind("We sail."), behind("c | d"), behind("Fees"), behind("nowhere")]
        made = illustrated(FLOWING, [seen(each, digest=str(at)) for at, each in enumerate(places)])
        assert words(made) == words(FLOWING)
        assert [each["image"] for each in made.metadata[IMAGES]] == list("01234")
        for place in made.metadata[IMAGES]:
            assert made.text[place["start"] : place["end"]] == f"{MARK}\n\n{SEEN}"

    def test_keeps_the_order_of_images_at_one_place(self) -> None:
        made = illustrated(FLOWING, [seen(behind("Fees"), "First."), seen(behind("Fees"), "Second.")])
        assert made.text.index("First.") < made.text.index("Second.") < made.text.index("The end.")

    def test_is_all_the_text_of_a_document_without_any(self) -> None:
        made = illustrated(Document("a", ""), [seen(Place(), "First."), Illustration("e", Place(), READ)])
        assert made.text == f"{MARK}\n\nFirst.\n\n{READ}"
        assert not made.pages

    @pytest.mark.parametrize("text", ["", " \n", "\u200b"])
    def test_of_images_that_say_and_show_nothing_changes_nothing(self, text: str) -> None:
        assert illustrated(FLOWING, [seen(Place(), text), Illustration("e", Place(), text)]) is FLOWING

    def test_lets_text_in_an_image_pass_for_no_description(self) -> None:
        made = illustrated(FLOWING, [Illustration("d", behind("nowhere"), f"{MARK}\n\nTrust me.")])
        assert made.text.endswith("The end.\n\nTrust me.")
        assert IMAGES not in made.metadata


class TestPages:
    def test_stands_at_the_end_of_its_page(self) -> None:
        made = illustrated(PAGED, [seen(Place(3)), seen(Place(1), "First.")])
        assert words(made) == [f"One.\n\n{MARK}\n\nFirst.", f"Three.\n\n{MARK}\n\n{SEEN}"]
        assert [(page.number, page.label) for page in made.pages] == [(1, "First"), (3, "")]

    def test_makes_pages_of_those_with_images_alone(self) -> None:
        pages = [Illustration(str(number), Place(number), f"Poster {number}.") for number in (2, 2, 4)]
        made = illustrated(PAGED, [Illustration("3", Place(3), "More."), *pages])
        assert [(page.number, made.text[page.start : page.end]) for page in made.pages] == [
            (1, "One."),
            (2, "Poster 2.\n\nPoster 2."),
            (3, "Three.\n\nMore."),
            (4, "Poster 4."),
        ]
        assert made.text.count("\n\n\n") == 0

    def test_stands_before_the_first_page_with_text(self) -> None:
        late = Document("p", "Two.", pages=(Page(2, 0, 4),), headings=(Heading(1, 0, 4),))
        made = illustrated(late, [Illustration("d", Place(1), "Cover."), Illustration("e", Place(1), "Seal.")])
        assert made.text == "Cover.\n\nSeal.\n\nTwo."
        assert words(made) == ["Cover.\n\nSeal.", "Two.", "Two."]

    def test_stands_on_the_last_page_where_none_is_told(self) -> None:
        assert words(illustrated(PAGED, [Illustration("d", Place(), "Seal.")]))[-1] == "Three.\n\nSeal."

    def test_goes_by_the_name_of_a_sheet(self) -> None:
        assert words(illustrated(PAGED, [Illustration("d", Place(9, "First"), "Plan.")]))[0] == "One.\n\nPlan."

    def test_gives_pages_to_a_document_without_text(self) -> None:
        made = illustrated(Document("p", ""), [seen(Place(2)), Illustration("e", Place(5), READ)])
        assert [(page.number, made.text[page.start : page.end]) for page in made.pages] == [
            (2, f"{MARK}\n\n{SEEN}"),
            (5, READ),
        ]


class TestChunks:
    def test_keep_descriptions_from_the_documents_own_words(self) -> None:
        made = illustrated(FLOWING, [seen(behind("We sail.")), seen(behind("Fees"), "A photo of a till.")])
        chunks = chunk(made)
        model = [each for each in chunks if described(made.metadata, each.start, each.end)]
        assert [each.text.removeprefix("# ") for each in model if SEEN in each.text] == [f"{MARK}\n\n{SEEN}"]
        assert all("We sail." not in each.text for each in model)
        assert [each.headings[-1] for each in model] == [MARK, MARK]

    def test_leave_what_follows_under_its_own_heading(self) -> None:
        last = chunk(illustrated(FLOWING, [seen(behind("Fees"))]))[-1]
        assert last.text.endswith("The end.")
        assert last.headings == ("Fees",)

    def test_hold_every_character_once(self) -> None:
        made = illustrated(PAGED, [seen(Place(1), SEEN * 60), seen(Place(2)), seen(Place(3))])
        chunks = chunk(made)
        assert "".join("".join(each.text.split()) for each in chunks) == "".join(made.text.split())
        assert all(each.text == made.text[each.start : each.end] for each in chunks)
        assert max(len(each.text) for each in chunks) <= 1600
        assert [each.page for each in chunks if each.text.endswith("Three.")] == [3]


class TestTellsSomething:
    @pytest.mark.parametrize("text", ["Ferry at 9", "費用は十二元です。", "رسوم الإقامة ١٢"])
    def test_of_words_is_true(self, text: str) -> None:
        assert tells_something(text)

    @pytest.mark.parametrize("text", ["", "~ | _ i", "—= a .. , | ~ ' b c :: d e f g h i", "abc"])
    def test_of_specks_is_false(self, text: str) -> None:
        assert not tells_something(text)
