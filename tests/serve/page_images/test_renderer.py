from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from serve.page_images.passages import Passage
from serve.page_images.renderer import PageImages, Wish
from tests.ingest import samples
from vernacular.errors import NotFound, ParserTimeout, UnreadableFile

PDF = samples.pdf([[(50, 700, 12, "A library card costs 12 crowns.")]])
WISH = Wish("t1", "d1", "0" * 64, "a.pdf", 1, 300, Passage("12 crowns"))
pytestmark = pytest.mark.integration


class File:
    """A file that counts how often it is opened."""

    def __init__(self, data: bytes = PDF) -> None:
        self.data, self.opened = data, 0

    def __call__(self) -> io.BytesIO:
        self.opened += 1
        return io.BytesIO(self.data)


@pytest.fixture
def pages() -> Iterator[PageImages]:
    made = PageImages()
    yield made
    made.close()


class TestPageImages:
    def test_marks_a_passage(self, pages: PageImages) -> None:
        image = pages.page(WISH, File())
        assert image.marked
        assert image.data.startswith(b"\x89PNG")

    def test_remembers_what_it_rendered(self, pages: PageImages) -> None:
        file = File()
        assert pages.page(WISH, file) == pages.page(WISH, file)
        assert file.opened == 1

    def test_remembers_nothing_of_another_passage_width_or_file(self, pages: PageImages) -> None:
        file = File()
        pages.page(WISH, file)
        for other in (replace(WISH, passage=None), replace(WISH, width=400), replace(WISH, digest="1" * 64)):
            pages.page(other, file)
        assert file.opened == 4

    @pytest.mark.parametrize(("which", "opened"), [(("t1", "d1"), 2), (("t1",), 2), (("t1", "d2"), 1), (("t2",), 1)])
    def test_forgets_a_document_and_a_tenant(self, pages: PageImages, which: tuple[str, ...], opened: int) -> None:
        file = File()
        pages.page(WISH, file)
        pages.forget(*which)
        pages.page(WISH, file)
        assert file.opened == opened

    def test_renders_every_tenants_files_in_a_process_that_saw_no_others(self, pages: PageImages) -> None:
        pids: list[int | None] = []
        for tenant in ("t1", "t1", "t2"):
            pages.page(replace(WISH, tenant_id=tenant, width=300 + len(pids)), File())
            pids.append(pages._process.pid)
        assert pids[0] == pids[1] != pids[2]

    def test_says_which_pages_there_are(self, pages: PageImages) -> None:
        with pytest.raises(NotFound, match="the document has 1"):
            pages.page(replace(WISH, page=2), File())

    def test_outlives_a_file_that_takes_too_long(self) -> None:
        pages = PageImages(timeout_s=0.001)
        with pytest.raises(ParserTimeout):
            pages.page(WISH, File())
        pages.close()

    def test_does_not_try_a_page_that_took_too_long_again_at_once(self) -> None:
        pages, file = PageImages(timeout_s=0.001), File()
        for wish in (WISH, replace(WISH, width=400, passage=None)):
            with pytest.raises(ParserTimeout):
                pages.page(wish, file)
        pages.close()
        assert file.opened == 1

    def test_outlives_what_is_no_pdf(self, pages: PageImages) -> None:
        with pytest.raises(UnreadableFile):
            pages.page(WISH, File(b"%PDF-1.7 broken"))
        assert pages.page(WISH, File()).marked
