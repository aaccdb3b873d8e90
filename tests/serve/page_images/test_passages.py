from __future__ import annotations

import pytest

from serve.page_images.letters import Box, Letter, folded
from serve.page_images.passages import Passage, boxes_of


def page(*lines: str) -> list[Letter]:
    """A letter a point wide, ten points high, each line twenty points below the one before."""
    return [
        Letter(key, Box(at, -20.0 * row, at + 1, 10 - 20.0 * row), -20.0 * row)
        for row, line in enumerate(lines)
        for at, character in enumerate(line)
        if (key := folded(character))
    ]


def rows(letters: list[Letter], *passage: str) -> list[float]:
    return [-box.bottom / 20 for box in boxes_of(letters, Passage(*passage))]


class TestPlaces:
    def test_of_words_that_come_twice_is_told_by_what_stands_around(self) -> None:
        letters = page("Adults pay 12 crowns", "Children pay 12 crowns")
        assert rows(letters, "pay 12 crowns", "Children ", "") == [1]
        assert rows(letters, "pay 12 crowns", "Adults ", "") == [0]

    def test_of_words_that_come_twice_is_none_where_nothing_tells(self) -> None:
        assert rows(page("Closed", "Closed"), "Closed") == []

    def test_is_found_in_pieces_where_the_page_has_another_order(self) -> None:
        letters = page("Opening hours of the pool", "Adults and seniors", "Children under twelve")
        assert rows(letters, "Children under twelve\nOpening hours of the pool") == [0, 2]

    def test_is_none_where_most_of_the_pieces_are_missing(self) -> None:
        letters = page("Opening hours of the pool")
        assert rows(letters, "Opening hours\nand a great deal that stands on other pages of the same document") == []

    @pytest.mark.parametrize("text", ["", " \n", "…—"])
    def test_of_nothing_is_none(self, text: str) -> None:
        assert rows(page("Hours"), text) == []

    def test_does_not_mind_spaces_or_width(self) -> None:
        assert rows(page("费用为港币４２５元"), "费 用 为 港币 425 元") == [0]

    def test_does_not_mind_the_order_in_a_lam_alef(self) -> None:
        assert rows(page("اإلنتاجية"), "الإنتاجية") == [0]


class TestBoxes:
    def test_of_letters_side_by_side_are_one(self) -> None:
        (box,) = boxes_of(page("two words here"), Passage("words here"))
        assert (box.left, box.right) == (4, 14)
