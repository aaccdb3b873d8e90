"""Takes the README's screenshots of a running demo: `python docs/take_screenshots.py` after `vernacular demo`.

Needs the extra `test` and a Chromium (`apt-get install chromium fonts-noto-cjk`).
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

HERE = Path(__file__).parent
Act = Callable[[Page], object]
DESKTOP = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=844)


def told(tenant: str) -> dict[str, Any]:
    """What an example tenant's `tenant.json` says."""
    content: dict[str, Any] = json.loads((HERE.parent / "examples" / tenant / "tenant.json").read_text("utf-8"))
    return content


def ask(page: Page, question: str) -> bool:
    """Type `question`; True: it was answered, False: it was declined."""
    outcomes = page.locator(".vn-sources-title, .vn-decline")
    before = outcomes.count()
    page.get_by_role("textbox").last.fill(question)
    page.keyboard.press("Enter")
    expect(outcomes).to_have_count(before + 1)
    return "vn-decline" not in (outcomes.last.get_attribute("class") or "")


def ask_suggested(page: Page, tenant: str) -> None:
    """Ask the first of the example's questions that is answered, the suggested ones before the others."""
    page.wait_for_selector(".vn-greeting")
    example = told(tenant)
    for question in [*example["suggested_questions"], *(check["question"] for check in example["expected"])]:
        if ask(page, question):
            return
        page.reload()
        page.wait_for_selector(".vn-greeting")
    raise SystemExit(f"None of {tenant}'s questions is answered.")


def ask_both(page: Page, tenant: str) -> None:
    """Ask a question that is answered and one that no document answers."""
    ask_suggested(page, tenant)
    ask(page, told(tenant)["unanswerable_question"])


def open_source(page: Page, tenant: str) -> None:
    ask_suggested(page, tenant)
    page.locator("a.vn-marker").first.click()
    page.wait_for_selector("mark.vn-quote")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8501", help="The front end's address.")
    parser.add_argument("--out", type=Path, default=HERE / "screenshots", help="The folder to write to.")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def picture(name: str, tenant: str, locale: str, act: Act, viewport: ViewportSize = DESKTOP) -> None:
            context = browser.new_context(viewport=viewport, locale=locale, device_scale_factor=1.5)
            page = context.new_page()
            page.goto(f"{arguments.url}/?tenant={tenant}" if tenant else arguments.url)
            act(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(900)
            page.screenshot(path=arguments.out / f"{name}.png")
            context.close()

        picture("tenants", "", "en-GB", lambda page: page.wait_for_selector(".vn-cards"))
        picture("welcome", "harbour", "zh-HK", lambda page: page.wait_for_selector(".vn-greeting"))
        picture("chat", "harbour", "zh-HK", lambda page: ask_suggested(page, "harbour"))
        picture("decline", "harbour", "zh-HK", lambda page: ask_both(page, "harbour"))
        picture("source", "harbour", "zh-HK", lambda page: open_source(page, "harbour"))
        picture("chat-arabic", "delta", "ar-EG", lambda page: ask_both(page, "delta"))
        picture("source-arabic", "delta", "ar-EG", lambda page: open_source(page, "delta"))
        picture("chat-sichuanese", "shuguo", "zh-CN", lambda page: ask_both(page, "shuguo"))
        picture("chat-spanish", "cenital", "es-MX", lambda page: ask_both(page, "cenital"))
        picture("phone", "harbour", "zh-HK", lambda page: ask_both(page, "harbour"), PHONE)
        picture("phone-arabic", "delta", "ar-EG", lambda page: ask_both(page, "delta"), PHONE)
        browser.close()


if __name__ == "__main__":
    main()
