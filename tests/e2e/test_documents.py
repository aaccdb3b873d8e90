"""An editor's day with documents that do not come in as they should, before a real gateway and worker."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import Demo
from tests.ingest import samples

pytestmark = pytest.mark.e2e
MAIN = '[data-testid="stMain"]'


def part(page: Page, name: str) -> None:
    page.locator(MAIN).get_by_role("radio", name=name).or_(
        page.locator(MAIN).get_by_text(name, exact=True)
    ).first.click()
    pages.at_rest(page)


def send(page: Page, *files: dict[str, Any]) -> None:
    part(page, "Add documents")
    page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(files)  # type: ignore[arg-type]
    pages.at_rest(page)
    page.get_by_role("button", name="Send", exact=True).click()


def pdf(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": data}


class TestEditor:
    def test_is_told_why_a_broken_pdf_stays_out_and_the_rest_comes_in(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "shuguo", "editor")
        page = visit.page
        pages.visit(page, demo.url, "documents", tenant="shuguo", lang="en")
        whole = samples.pdf([[(50, 700, 12, "The lantern workshop opens at noon.")]])
        send(page, pdf("lanterns.pdf", whole), pdf("torn.pdf", b"%PDF-1.7\ntorn"))
        expect(page.get_by_text("could not be read").and_(page.locator(".vn-said"))).to_contain_text(
            "The rest is in.", timeout=60_000
        )
        part(page, "Could not be read")
        set_aside = page.locator('[class*="st-key-set-aside"]', has_text="torn.pdf")
        expect(set_aside).to_contain_text("The file is damaged or not what its name says.")
        expect(set_aside).to_contain_text("export it again")
        found = demo.call("shuguo", "POST", "/v1/search", json={"query": "lantern workshop", "top_k": 3})
        assert any("opens at noon" in hit["text"] for hit in found["hits"])

    def test_cancels_a_job_and_runs_it_again(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "shuguo", "editor")
        page = visit.page
        pages.visit(page, demo.url, "documents", tenant="shuguo", lang="en")
        many = [
            pdf(f"kiln-{number}.pdf", samples.pdf([[(50, 700, 12, f"Kiln {number} is fired on Mondays.")]] * 20))
            for number in range(150)
        ]
        send(page, *many)
        page.get_by_role("button", name="Cancel kiln-0.pdf").click(timeout=60_000)
        expect(page.locator(".vn-said")).to_contain_text("was cancelled; what came in before stays.", timeout=60_000)
        part(page, "Jobs")
        page.get_by_role("button", name="Run kiln-0.pdf and 149 more again").first.click()
        expect(page.locator(".vn-said")).to_contain_text("150 documents", timeout=120_000)

    def test_sees_the_picture_of_a_product(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "shuguo", "editor")
        page = visit.page
        pages.visit(page, demo.url, "documents", tenant="shuguo", lang="en")
        page.get_by_label("Search by title or file name").fill("竹蒸笼")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="竹蒸笼").first.click()
        picture = page.get_by_role("dialog").locator("img.vn-document-picture")
        expect(picture).to_be_visible()
        assert picture.evaluate("each => each.naturalWidth") > 100
        assert visit.hosts == {"127.0.0.1"}
