from __future__ import annotations

import pytest

from ingest.parse import parse
from ingest.parse.encoding import decode
from tests.ingest import samples
from vernacular.errors import EmptyFile, EncryptedFile, UnreadableFile, UnsupportedFile
from vernacular.types import Document

CHINESE = "本公司的退貨政策如下：顧客可在七天內憑單據退回未經使用的產品。" * 4
SIMPLIFIED = "本店的退货规定如下：顾客可以在七天之内凭收据退回没有使用过的商品。" * 4
ARABIC = "تفتح المكاتب أبوابها من الساعة التاسعة صباحا حتى الثالثة بعد الظهر كل يوم عمل. " * 4


def heading_texts(document: Document) -> list[str]:
    return [document.text[each.start : each.end] for each in document.headings]


class TestEncodings:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [(CHINESE, "big5"), (SIMPLIFIED, "gb18030"), (ARABIC, "cp1256"), ("Où êtes-vous né, déjà ?", "cp1252"),
         (CHINESE, "utf-16"), (ARABIC, "utf-8-sig"), ("plain", "utf-16-le"), (SIMPLIFIED, "utf-8")],
    )  # fmt: skip
    def test_are_told_by_their_bytes(self, text: str, encoding: str) -> None:
        assert decode(text.encode(encoding)) == text

    def test_that_lie_lose_to_the_bytes(self) -> None:
        assert decode(CHINESE.encode("big5"), declared="utf-8") == CHINESE

    def test_with_a_bad_byte_lose_that_byte_only(self) -> None:
        assert decode(SIMPLIFIED.encode() + b"\xff").startswith(SIMPLIFIED)


class TestPlainText:
    def test_keeps_its_words_and_takes_its_name_as_title(self) -> None:
        document = parse(b"# 1 is no heading here\r\nbut text\x00.\r\n", "notes/hours.txt")
        assert document.text == "# 1 is no heading here\nbut text."
        assert (document.title, document.headings, document.media_type) == ("hours", (), "text/plain")

    def test_that_is_empty_is_refused(self) -> None:
        for data in (b"", b" \n\t", b"\xef\xbb\xbf", b"\x00\x00"):
            with pytest.raises(EmptyFile, match=r"a\.txt"):
                parse(data, "a.txt")

    def test_under_a_wrong_name_is_still_read(self) -> None:
        assert parse(b"Just words.", "report.pdf").text == "Just words."


class TestMarkdown:
    def test_knows_its_headings_tables_and_front_matter(self) -> None:
        source = b"---\nid: p-1\ntitle: Permits\ngroups: [staff]\n---\n# Fees\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nMore\n----\n"
        document = parse(source, "permits.md")
        assert (document.source_id, document.title, document.groups) == ("p-1", "Permits", ("staff",))
        assert heading_texts(document) == ["Fees", "More"]
        assert [each.level for each in document.headings] == [1, 2]
        assert document.text[document.tables[0].start : document.tables[0].end].endswith("| 1 | 2 |")

    def test_takes_no_heading_from_code(self) -> None:
        assert heading_texts(parse(b"# One\n\n```\n# two\n```\n## Three ##\n", "a.md")) == ["One", "Three"]

    def test_takes_its_first_heading_as_title(self) -> None:
        assert parse("## 開放時間\n\n九時".encode(), "a.md").title == "開放時間"


class TestData:
    def test_csv_becomes_a_table(self) -> None:
        document = parse("name;fee\nPermit|A;12\n".encode("utf-16"), "fees.csv")
        assert document.text == "| name | fee |\n| --- | --- |\n| Permit\\|A | 12 |"
        assert len(document.tables) == 1

    def test_csv_of_long_texts_becomes_records(self) -> None:
        words = "word " * 60
        assert (
            parse(f"question,answer\nq,{words}\n".encode(), "faq.csv").text == f"question: q\nanswer: {words.strip()}"
        )

    def test_json_becomes_lines_and_tables(self) -> None:
        source = b'{"title": "Fees", "open": true, "fees": [{"a": 1, "b": "x"}, {"a": 2}], "tags": ["p", "q"]}'
        document = parse(source, "fees.json")
        assert document.title == "Fees"
        assert "open: true" in document.text
        assert "| a | b |\n| --- | --- |\n| 1 | x |\n| 2 |  |" in document.text
        assert "tags: p, q" in document.text

    def test_xml_becomes_its_texts(self) -> None:
        document = parse(b"<?xml version='1.0'?><r><title>Fees</title><fee kind='x'>12</fee></r>", "fees.xml")
        assert (document.title, document.text) == ("Fees", "## Fees\n\nfee: 12")

    @pytest.mark.parametrize(("data", "name"), [(b'{"a": ', "a.json"), (b"<a><b></a>", "a.xml")])
    def test_that_is_broken_says_so(self, data: bytes, name: str) -> None:
        with pytest.raises(UnreadableFile, match="no valid"):
            parse(data, name)

    def test_never_expands_entities(self) -> None:
        laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "ha"}">' for at in range(10))
        with pytest.raises(UnreadableFile, match="entities"):
            parse(f"<?xml version='1.0'?><!DOCTYPE a [{laughs}]><a>&l9;</a>".encode(), "laughs.xml")
        outside = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
        with pytest.raises(UnreadableFile, match="entities"):
            parse(outside, "outside.xml")


class TestMail:
    def test_reads_the_plain_body_and_the_header(self) -> None:
        document = parse(samples.mail("開放時間", "The desk opens at nine.", html="<p>Other</p>"), "m.eml")
        assert document.title == "開放時間"
        assert "From: Mona <mona@example.org>" in document.text
        assert "The desk opens at nine." in document.text
        assert "Other" not in document.text
        assert document.metadata["date"] == "2026-01-05"

    def test_reads_html_where_there_is_no_plain_body(self) -> None:
        source = (
            b"From: a@example.org\nSubject: Hi\nContent-Type: text/html; charset=utf-8\n\n<h2>Hours</h2><p>Nine to five"
        )
        assert parse(source, "m.eml").text.endswith("## Hours\n\nNine to five")

    def test_that_is_encrypted_is_refused(self) -> None:
        source = b"From: a@example.org\nSubject: Hi\nContent-Type: application/pkcs7-mime\n\nMIIB"
        with pytest.raises(EncryptedFile):
            parse(source, "m.eml")


class TestUnsupported:
    def test_binary_files_are_refused_by_kind(self) -> None:
        with pytest.raises(UnsupportedFile, match="song"):
            parse(b"ID3\x04\x00\x00\x01\x02\x03" * 50, "song.mp3")

    def test_pictures_say_how_to_enable_ocr(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.parse.ocr.available", lambda: False)
        with pytest.raises(UnsupportedFile) as caught:
            parse(b"\x89PNG\r\n\x1a\n" + bytes(50), "scan.png")
        assert "tesseract-ocr" in caught.value.hint
