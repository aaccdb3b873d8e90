from __future__ import annotations

from vernacular.corpus.abbreviations import abbreviations
from vernacular.corpus.words import words_of

OTHER_MATTERS = "".join(chr(0x5100 + number) + "。" * (number % 3 == 0) for number in range(600))
"""So many other characters that those of the articles do not stand together by chance."""
ARTICLES = [
    f"第{number}條：{text}"
    for number, text in enumerate(
        [
            "公民投票由公民提案，投票於假日行之。",
            "辦理公民投票，投票所設於學校；公民得查詢。",
            "妨害公民投票者，處罰鍰。",
            "公民，年滿十八歲，有公民投票權。",
            "撤回公民投票；投票日另定。",
            "投票人憑證件領公民投票之票。",
            "提出公民投票，公民連署。",
        ]
    )
]


def made(texts: list[str], names: list[str]) -> dict[str, tuple[str, ...]]:
    words, terms = words_of([*texts, OTHER_MATTERS])
    return abbreviations(terms, names, words, 100)


class TestAbbreviations:
    def test_takes_the_first_characters_of_a_terms_halves(self) -> None:
        assert made(ARTICLES, [])["公投"] == ("公民投票",)

    def test_is_no_short_form_what_documents_write_as_a_word_of_its_own(self) -> None:
        assert "公投" not in made([*ARTICLES, "公投，公投！", "公投？"], [])

    def test_takes_them_from_the_parts_of_a_title(self) -> None:
        texts = [
            *ARTICLES,
            *("消費者之權益，保護之。", "消費者，受保護；", "向消費者說明，保護消費者。", "保護、消費者、"),
        ]
        assert made(texts, ["消費者保護法"])["消保法"] == ("消费者保护法",)

    def test_takes_the_initials_of_a_title_with_and_without_its_little_words(self) -> None:
        found = made([], ["Documento Nacional de Identidad"])
        assert found["dni"] == found["dndi"] == ("documento nacional de identidad",)

    def test_leaves_initials_that_are_a_word_of_the_documents(self) -> None:
        assert "map" not in made(["The map shows it.", "A map."], ["Municipal Action Plan"])
