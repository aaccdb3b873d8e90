from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernacular.colours import READABLE, WHITE, contrast, readable_under

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


class TestContrast:
    @pytest.mark.parametrize(
        ("first", "second", "ratio"),
        [("#000000", WHITE, 21.0), ("#767676", WHITE, 4.54), ("#777777", WHITE, 4.48), ("#0000ff", WHITE, 8.59)],
    )
    def test_is_that_of_the_standard(self, first: str, second: str, ratio: float) -> None:
        assert contrast(first, second) == contrast(second, first) == pytest.approx(ratio, abs=0.01)

    def test_takes_only_colours(self) -> None:
        with pytest.raises(ValueError, match="not a colour"):
            contrast("red", WHITE)


class TestNearestReadable:
    @given(COLOURS)
    def test_can_be_read_under_white_and_is_the_colour_itself_where_that_can(self, colour: str) -> None:
        found = readable_under(WHITE, colour)
        assert contrast(WHITE, found) >= READABLE
        if contrast(WHITE, colour) >= READABLE:
            assert found == colour

    @given(COLOURS)
    def test_can_be_read_under_dark_text_too(self, colour: str) -> None:
        assert contrast("#101413", readable_under("#101413", colour)) >= READABLE

    def test_keeps_the_hue_and_goes_no_further_than_it_must(self) -> None:
        found = readable_under(WHITE, "#ffcc00")
        hue = colorsys.rgb_to_hls(*(int(found[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]
        assert hue == pytest.approx(48 / 360, abs=0.01)
        assert contrast(WHITE, found) < READABLE + 0.1
