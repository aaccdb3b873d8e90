from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.describing import Descriptions, IllustratingParser, with_description
from ingest.parse import detect, ocr
from ingest.parse.images.embedded import Embedded
from ingest.parse.sandbox import SandboxedParser
from tests.ingest import samples
from tests.ingest.conftest import Home
from tests.ingest.parse.images.pictures import photo, sign
from tests.vernacular.hostile_images import encoded, picture, png_that_claims
from vernacular.db.models import DocumentTextRow
from vernacular.endpoints import ModelEndpoint
from vernacular.errors import EmptyFile, ImageRefused, ModelUnavailable, ParserCrashed, UnsupportedFile
from vernacular.images import Picture, media_type_of
from vernacular.settings import Settings
from vernacular.tenancy import TenantScope
from vernacular.types import Document
from vernacular.vision import IMAGES, KEY, MARK, Describer, Description, described

SEEN = "A map of the harbour. It shows three piers."
SAID = "Ferries leave every hour."


class FakeDescriber(Describer):
    """Sees the same in every picture, or fails."""

    def __init__(self, settings: Settings, seen: str | None = SEEN) -> None:
        super().__init__(settings)
        self.seen = seen
        self.fails = False
        self.asked: list[tuple[Picture, str]] = []

    def endpoint(self) -> ModelEndpoint | None:
        return ModelEndpoint("vl", "http://127.0.0.1:1/v1", "vl", vision=True)

    def describe(self, picture: Picture, language: str) -> Description | None:
        self.asked.append((picture, language))
        if self.fails:
            raise ModelUnavailable("The vision model gave no description: it is asleep.", "Wake it.")
        return None if self.seen is None else Description(self.seen, "vl")


class FakeParser:
    """Reads SAID in every picture; `text` None: nothing."""

    def __init__(self, text: str | None = SAID) -> None:
        self.text = text

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        if self.text is None:
            raise EmptyFile(f"`{filename}` holds no text.")
        return Document(filename, self.text, filename, media_type=media_type_of(data) or "text/plain")

    def picture(self, data: bytes, filename: str) -> Picture:
        return Picture(data, "image/png", 64, 48)

    def read_picture(self, data: bytes, filename: str) -> tuple[Picture, str]:
        return self.picture(data, filename), ""

    def images(self, data: bytes, filename: str, media_type: str | None, most: int) -> tuple[str, list[Embedded]]:
        return "text/plain", []


@pytest.fixture
def describer(tmp_path: Path) -> Iterator[FakeDescriber]:
    with FakeDescriber(Settings(home=tmp_path)) as opened:
        yield opened


def parser(describer: Describer, text: str | None = SAID) -> IllustratingParser:
    return IllustratingParser(FakeParser(text), Descriptions(describer, "en", lambda _digest: None), 20)


class TestPictureFiles:
    def test_puts_the_description_under_its_mark_behind_the_text_that_was_read(self, describer: FakeDescriber) -> None:
        document = parser(describer).parse(picture(), "map.png")
        assert document.text == f"{SAID}\n\n{MARK}\n\n{SEEN}"
        place = document.metadata[KEY]
        assert document.text[place["start"] : place["end"]] == f"{MARK}\n\n{SEEN}"
        assert (place["model"], place["prompt"]) == ("vl", "describe.v1")
        assert [document.text[each.start : each.end] for each in document.headings] == [MARK]

    def test_tells_the_models_words_from_the_documents(self, describer: FakeDescriber) -> None:
        document = parser(describer).parse(picture(), "map.png")
        own, model = document.text.index(SAID), document.text.index(SEEN)
        assert not described(document.metadata, own, own + len(SAID))
        assert described(document.metadata, model, model + len(SEEN))

    def test_makes_a_document_of_a_picture_without_text(self, describer: FakeDescriber) -> None:
        document = parser(describer, None).parse(picture(), "old map.png")
        assert document.text == f"{MARK}\n\n{SEEN}"
        assert (document.title, document.media_type, document.source_id) == ("old map", "image/png", "old map.png")

    def test_refuses_a_picture_that_has_no_text_and_shows_nothing(self, describer: FakeDescriber) -> None:
        describer.seen = None
        with pytest.raises(EmptyFile):
            parser(describer, None).parse(picture(), "blank.png")

    def test_leaves_other_files_alone(self, describer: FakeDescriber) -> None:
        assert parser(describer).parse(b"Fees", "fees.txt").text == SAID
        assert describer.asked == []

    def test_takes_the_text_in_when_the_model_fails_and_counts_it(self, describer: FakeDescriber) -> None:
        describer.fails = True
        describing = parser(describer)
        assert describing.parse(picture(), "map.png").text == SAID
        assert describing.problem is not None
        assert (describing.problem.count, describing.problem.last.name) == (1, "model_unavailable")

    def test_asks_no_more_after_three_failures_in_a_row(self, describer: FakeDescriber) -> None:
        describer.fails = True
        describing = parser(describer)
        for number in range(10):
            assert describing.parse(picture(64 + number), f"{number}.png").text == SAID
        assert len(describer.asked) == 3
        assert describing.problem is not None
        assert describing.problem.count == 10

    def test_has_no_problem_when_all_went_well(self, describer: FakeDescriber) -> None:
        describing = parser(describer)
        describing.parse(picture(), "map.png")
        assert describing.problem is None

    def test_asks_nothing_of_what_is_known(self, describer: FakeDescriber) -> None:
        describing = IllustratingParser(
            FakeParser(), Descriptions(describer, "en", lambda _digest: Description("Known.", "vl")), 20
        )
        assert describing.parse(picture(), "map.png").text.endswith("Known.")
        assert describer.asked == []

    def test_cleans_what_the_model_says(self, describer: FakeDescriber) -> None:
        describer.seen = "A map.\x00\u202e\r\n\n\n\n\nOf the harbour.  "
        assert parser(describer).parse(picture(), "map.png").text.endswith("A map.\n\nOf the harbour.")

    def test_of_nothing_but_blanks_adds_nothing(self) -> None:
        document = Document("a", SAID)
        assert with_description(document, Description(" \n", "vl")) is document


class TestSandbox:
    def test_makes_pictures_safe(self) -> None:
        with SandboxedParser() as sandbox:
            made = sandbox.picture(picture(3000, 1000, "TIFF"), "scan.tif")
            assert (made.media_type, made.width, made.height) == ("image/jpeg", 2048, 683)
            assert media_type_of(made.data) == "image/jpeg"

    def test_refuses_hostile_ones_and_goes_on(self) -> None:
        with SandboxedParser() as sandbox:
            with pytest.raises(ImageRefused, match="megapixels"):
                sandbox.picture(png_that_claims(100_000, 100_000), "bomb.png")
            assert sandbox.picture(picture(), "map.png").width == 64


class TestJob:
    @pytest.fixture
    def seeing(self, home: Home) -> FakeDescriber:
        describer = FakeDescriber(home.parts.settings)
        home.parts = replace(home.parts, describer=describer)
        return describer

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        made = tmp_path / "pictures"
        made.mkdir()
        (made / "harbour.png").write_bytes(picture(200, 150))
        return made

    def run(self, home: Home, folder: Path) -> dict[str, Any]:
        items = [{"kind": "path", "path": str(folder)}]
        return home.run(home.enqueue({"source": "folder", "items": items, "sync": True}))

    def text(self, home: Home) -> str:
        with home.parts.database.read() as session:
            scope = TenantScope(session, home.tenant)
            return "\n".join(scope.execute(scope.select(DocumentTextRow.text)).scalars())

    def test_finds_a_picture_by_what_it_shows(self, home: Home, seeing: FakeDescriber, folder: Path) -> None:
        assert self.run(home, folder)["state"] == "succeeded"
        assert SEEN in self.text(home)
        assert home.found("harbour piers") == ["harbour.png"]

    def test_asks_once_for_a_picture_that_comes_again(self, home: Home, seeing: FakeDescriber, folder: Path) -> None:
        self.run(home, folder)
        shutil.copy(folder / "harbour.png", folder / "the same.png")
        self.run(home, folder)
        assert len(seeing.asked) == 1
        assert self.text(home).count(SEEN) == 2

    def test_tells_of_pictures_without_a_description_and_mends_them_later(
        self, home: Home, seeing: FakeDescriber, folder: Path
    ) -> None:
        drawn = Image.new("RGB", (900, 200), "white")
        ImageDraw.Draw(drawn).text((40, 60), "FERRY TICKETS", fill="black", font=ImageFont.load_default(90))
        (folder / "harbour.png").write_bytes(encoded(drawn, "PNG"))
        seeing.fails = True
        view = self.run(home, folder)
        if shutil.which("tesseract"):
            assert view["state"] == "succeeded"
            assert "FERRY" in self.text(home)
        [error] = [each for each in view["errors"] if each["name"] == "images_not_described"]
        assert error["message"].startswith("1 images came in without a description.")
        seeing.fails = False
        assert self.run(home, folder)["state"] == "succeeded"
        assert SEEN in self.text(home)

    def test_asks_once_for_an_image_that_documents_hold(self, home: Home, seeing: FakeDescriber, folder: Path) -> None:
        (folder / "harbour.png").unlink()
        (folder / "a.docx").write_bytes(word({"r1": photo(1)}))
        self.run(home, folder)
        assert home.found("harbour piers")[0] == "a.docx"
        (folder / "b.pptx").write_bytes(samples.pptx_with_images(["Sail"], {1: photo(1)}))
        (folder / "c.jpg").write_bytes(photo(1))
        self.run(home, folder)
        assert len(seeing.asked) == 1
        assert self.text(home).count(SEEN) == 3
        assert self.run(home, folder)["errors"] == []

    def test_tells_of_images_in_documents_without_a_description(
        self, home: Home, seeing: FakeDescriber, folder: Path
    ) -> None:
        (folder / "harbour.png").unlink()
        (folder / "a.docx").write_bytes(word({"r1": photo(1), "r2": photo(2)}))
        seeing.fails = True
        view = self.run(home, folder)
        assert view["state"] == "succeeded"
        [error] = view["errors"]
        assert error["name"] == "images_not_described"
        assert error["message"].startswith("2 images came in")
        seeing.fails = False
        assert self.run(home, folder)["errors"] == []
        assert self.text(home).count(SEEN) == 2

    def test_without_a_model_reads_pictures_as_ever(self, home: Home, folder: Path) -> None:
        [error] = self.run(home, folder)["errors"]
        assert error["name"] in {EmptyFile.name, UnsupportedFile.name}


WORDS = "Ferries leave every hour."


def word(images: dict[str, bytes]) -> bytes:
    body = samples.paragraph(WORDS) + "".join(map(samples.picture_paragraph, images)) + samples.paragraph("The end.")
    return samples.docx_with_images(body, images)


class TestImagesInDocuments:
    """With the real sandbox: what a document holds is never trusted."""

    @pytest.fixture(scope="class")
    def sandbox(self) -> Iterator[SandboxedParser]:
        with SandboxedParser() as opened:
            yield opened

    @pytest.fixture
    def illustrating(self, sandbox: SandboxedParser, describer: FakeDescriber) -> IllustratingParser:
        return IllustratingParser(sandbox, Descriptions(describer, "en", lambda _digest: None), 20)

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.docx", word({"r1": photo(1)})),
            ("a.pptx", samples.pptx_with_images([WORDS, "The end."], {1: photo(1)})),
            ("a.xlsx", samples.xlsx_with_image({"Plan": [[WORDS]], "Other": [["The end."]]}, 1, photo(1))),
            ("a.pdf", samples.pdf_with_images([(WORDS, [photo(1)]), ("The end.", [])])),
            (
                "a.html",
                f"<html><body><p>{WORDS}</p><img src='data:image/jpeg;base64,{base64.b64encode(photo(1)).decode()}'>"
                "<p>The end.</p></body></html>".encode(),
            ),
        ],
    )
    def test_are_described_where_they_stand(
        self, name: str, data: bytes, illustrating: IllustratingParser, describer: FakeDescriber
    ) -> None:
        document = illustrating.parse(data, name)
        own, model, end = (document.text.index(each) for each in (WORDS, SEEN, "The end."))
        assert own < model < end
        assert described(document.metadata, model, model + len(SEEN))
        assert not described(document.metadata, own, own + len(WORDS))
        assert not described(document.metadata, end, end + 8)
        [(picture, language)] = describer.asked
        assert (media_type_of(picture.data), language) == ("image/jpeg", "en")

    @pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
    def test_are_read_by_ocr_without_a_model(self, sandbox: SandboxedParser) -> None:
        document = IllustratingParser(sandbox, None, 20).parse(word({"r1": sign("FERRY TICKETS")}), "a.docx")
        assert document.text == f"{WORDS}\n\nFERRY TICKETS\n\nThe end."
        assert KEY not in document.metadata
        assert IMAGES not in document.metadata

    @pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
    def test_are_not_read_a_second_time_on_scanned_pages(
        self, illustrating: IllustratingParser, describer: FakeDescriber
    ) -> None:
        scan = samples.pdf_with_images([("", [sign("FERRY TICKETS", "JPEG")])])
        document = illustrating.parse(scan, "scan.pdf")
        assert document.text.count("FERRY") == 1
        assert document.text.endswith(SEEN)
        assert len(document.pages) == 1

    def test_make_a_document_of_one_without_words(self, illustrating: IllustratingParser) -> None:
        deck = samples.pptx_with_images(["", ""], {2: photo(1)})
        document = illustrating.parse(deck, "deck.pptx")
        assert document.text == f"{MARK}\n\n{SEEN}"
        assert (document.title, document.media_type, document.pages[0].number) == ("deck", detect.PPTX, 2)

    def test_that_show_nothing_make_none(self, illustrating: IllustratingParser, describer: FakeDescriber) -> None:
        describer.seen = None
        with pytest.raises(EmptyFile):
            illustrating.parse(samples.pptx_with_images([""], {1: photo(1)}), "deck.pptx")

    def test_of_a_thousand_the_first_are_described(self, sandbox: SandboxedParser, describer: FakeDescriber) -> None:
        illustrating = IllustratingParser(sandbox, Descriptions(describer, "en", lambda _digest: None), 3)
        made = word({f"r{number}": photo(number, 64, 64) for number in range(1000)})
        assert illustrating.parse(made, "many.docx").text.count(SEEN) == 3
        assert len(describer.asked) == 3
        assert illustrating.problem is None

    def test_that_are_bombs_or_broken_cost_only_themselves(
        self, illustrating: IllustratingParser, describer: FakeDescriber
    ) -> None:
        broken = photo(1)[:3000] + bytes(3000)
        bomb = png_that_claims(60_000, 60_000, 4000)
        document = illustrating.parse(word({"r1": bomb, "r2": broken, "r3": photo(2)}), "hostile.docx")
        assert document.text == f"{WORDS}\n\n{MARK}\n\n{SEEN}\n\nThe end."
        assert illustrating.problem is not None
        assert illustrating.problem.count == 2
        assert isinstance(illustrating.problem.last, ImageRefused)

    def test_that_end_the_parser_cost_only_themselves(
        self, sandbox: SandboxedParser, describer: FakeDescriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(data: bytes, filename: str) -> tuple[Picture, str]:
            raise ParserCrashed(f"Reading `{filename}` ended the parser.")

        monkeypatch.setattr(sandbox, "read_picture", crash)
        illustrating = IllustratingParser(sandbox, Descriptions(describer, "en", lambda _digest: None), 20)
        made = word({f"r{number}": photo(number) for number in range(9)})
        assert illustrating.parse(made, "a.docx").text == f"{WORDS}\n\nThe end."
        assert illustrating.problem is not None
        assert illustrating.problem.count == 3

    def test_without_a_limit_above_zero_are_left_alone(
        self, sandbox: SandboxedParser, describer: FakeDescriber
    ) -> None:
        illustrating = IllustratingParser(sandbox, Descriptions(describer, "en", lambda _digest: None), 0)
        assert illustrating.parse(word({"r1": photo(1)}), "a.docx").text == f"{WORDS}\n\nThe end."
        assert describer.asked == []

    def test_are_read_once_for_all_documents(self, sandbox: SandboxedParser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ocr, "available", lambda: True)
        read: list[str] = []

        def recorded(data: bytes, filename: str) -> tuple[Picture, str]:
            read.append(filename)
            return Picture(data, "image/png", 64, 64), "FERRY TICKETS"

        monkeypatch.setattr(sandbox, "read_picture", recorded)
        illustrating = IllustratingParser(sandbox, None, 20)
        for name in ("a.docx", "b.docx"):
            assert "FERRY TICKETS" in illustrating.parse(word({"r1": photo(1)}), name).text
        assert read == ["a.docx"]

    def test_known_ones_are_not_decoded_without_ocr(
        self, sandbox: SandboxedParser, describer: FakeDescriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ocr, "available", lambda: False)
        known = Descriptions(describer, "en", lambda _digest: Description("Known.", "vl"))
        made = word({"r1": png_that_claims(60_000, 60_000, 4000)})
        assert f"{MARK}\n\nKnown." in IllustratingParser(sandbox, known, 20).parse(made, "a.docx").text

    def test_are_asked_about_once_for_all_documents(
        self, illustrating: IllustratingParser, describer: FakeDescriber
    ) -> None:
        for name in ("a.docx", "b.docx"):
            assert SEEN in illustrating.parse(word({"r1": photo(1)}), name).text
        assert len(describer.asked) == 1
