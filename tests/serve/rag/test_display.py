from __future__ import annotations

import pytest

from serve.rag.display import Display


@pytest.mark.parametrize(
    ("script", "tag", "text", "shown"),
    [
        ("as_written", "zh-Hant-TW", "头发和发展", "头发和发展"),
        ("Hant", "zh-Hant-TW", "头发和发展", "頭髮和發展"),
        ("Hans", "", "頭髮和發展", "头发和发展"),
        ("Hant", "", "plain text", "plain text"),
        ("Hant", "", "头发\ud800", "头发\ud800"),
    ],
)
def test_shows_a_text_in_a_script_at_the_length_it_has(script: str, tag: str, text: str, shown: str) -> None:
    assert Display(script, tag).show(text) == shown
