from __future__ import annotations

import pytest

from ui.widgets.commas import parted


class TestParted:
    @pytest.mark.parametrize("written", ["a, b", "a، b", "a，b", "a、b", " a ,, b, "])
    def test_knows_the_commas_of_all_scripts(self, written: str) -> None:
        assert parted(written) == ["a", "b"]

    def test_finds_nothing_in_nothing(self) -> None:
        assert parted(" ، ") == []
