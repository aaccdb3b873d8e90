"""Takes the screenshots of the three faces from a demo of its own: `python -m docs.take_screenshots`.

Each face in light, dark, at a phone's width and in Arabic. Needs the extra `test` and a Chromium (`apt-get install chromium
fonts-noto-cjk fonts-noto-core`). The widget's are taken by `docs.take_widget_screenshots`.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e.demo import Demo, running_demo
from tests.e2e.pages import at_rest, visit

HERE: Final = Path(__file__).parent
Act = Callable[[Page], object]
DESKTOP: Final = ViewportSize(width=1280, height=860)
PHONE: Final = ViewportSize(width=390, height=844)


def told(tenant: str) -> dict[str, Any]:
    """What an example tenant's `tenant.json` says."""
    content: dict[str, Any] = json.loads((HERE.parent / "examples" / tenant / "tenant.json").read_text("utf-8"))
    return content


def ask(page: Page, question: str) -> None:
    """Type `question` and wait for what comes of it."""
    outcomes = page.locator(".vn-sources-title, .vn-decline")
    before = outcomes.count()
    page.get_by_role("textbox").last.fill(question)
    page.keyboard.press("Enter")
    expect(outcomes).to_have_count(before + 1)
    at_rest(page)


def ask_first(page: Page, tenant: str) -> None:
    ask(page, told(tenant)["suggested_questions"][0])


def ask_both(page: Page, tenant: str) -> None:
    """A question that is answered and one that no document answers."""
    ask_first(page, tenant)
    ask(page, told(tenant)["unanswerable_question"])


def open_source(page: Page, tenant: str, question: str = "") -> None:
    ask(page, question or told(tenant)["suggested_questions"][0])
    page.locator("a.vn-marker").first.click()
    page.wait_for_selector('[role="dialog"] mark, [role="dialog"] img')
    at_rest(page)


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.locator(".vn-hit").first.wait_for()
    at_rest(page)


@dataclass(frozen=True)
class Shot:
    """`path` and `tenant` of the page; `role`: who is signed in, "": nobody."""

    name: str
    path: str = ""
    tenant: str = ""
    locale: str = "en-GB"
    act: Act = at_rest
    role: str = ""
    viewport: ViewportSize | None = None
    dark: bool = False


def faces() -> list[Shot]:
    """The chat, the search and the dashboard, each in light, dark, on a phone and in Arabic."""
    cantonese, arabic = "harbour", "delta"
    shots = [
        Shot("tenants"),
        Shot("welcome", tenant=cantonese, locale="zh-HK"),
        Shot("chat", tenant=cantonese, locale="zh-HK", act=lambda page: ask_first(page, cantonese)),
        Shot("chat-dark", tenant=cantonese, locale="zh-HK", act=lambda page: ask_both(page, cantonese), dark=True),
        Shot("decline", tenant=cantonese, locale="zh-HK", act=lambda page: ask_both(page, cantonese)),
        Shot("source", tenant=cantonese, locale="zh-HK", act=lambda page: open_source(page, cantonese)),
        Shot("chat-arabic", tenant=arabic, locale="ar-EG", act=lambda page: ask_both(page, arabic)),
        Shot("source-arabic", tenant=arabic, locale="ar-EG", act=lambda page: open_source(page, arabic)),
        Shot("chat-sichuanese", tenant="shuguo", locale="zh-CN", act=lambda page: ask_both(page, "shuguo")),
        Shot("product", tenant="shuguo", locale="zh-CN", act=lambda page: open_source(page, "shuguo")),
        Shot("chat-spanish", tenant="cenital", locale="es-MX", act=lambda page: ask_both(page, "cenital")),
        Shot("phone", tenant=cantonese, locale="zh-HK", act=lambda page: ask_both(page, cantonese), viewport=PHONE),
        Shot("phone-arabic", tenant=arabic, locale="ar-EG", act=lambda page: ask_both(page, arabic), viewport=PHONE),
    ]
    found, sought = "補領身份證", "بدل فاقد"
    for name, tenant, locale, words, viewport, dark in (
        ("search", cantonese, "en-GB", found, None, False), ("search-dark", cantonese, "zh-HK", found, None, True),
        ("search-phone", cantonese, "zh-HK", found, PHONE, False), ("search-arabic", arabic, "ar-EG", sought, None, False),
    ):  # fmt: skip
        act = _searching(words)
        shots.append(Shot(name, "search", tenant, locale, act, "member", viewport, dark))
    for path in ("overview", "documents", "questions", "dialects"):
        shots.append(Shot(path, path, cantonese, role="admin"))
    shots += [
        Shot("overview-dark", "overview", cantonese, role="admin", dark=True),
        Shot("overview-phone", "overview", cantonese, role="admin", viewport=PHONE),
        Shot("overview-arabic", "overview", arabic, "ar-EG", role="admin"),
        Shot("documents-arabic", "documents", arabic, "ar-EG", role="admin"),
    ]
    return shots


def _searching(words: str) -> Act:
    return lambda page: search(page, words)


def live_in(demo: Demo, tenant: str) -> None:
    """Have people ask what the example says, so that the dashboard has something to tell."""
    example = told(tenant)
    asked = [*example["suggested_questions"], *(check["question"] for check in example["expected"])]
    for number, question in enumerate([*asked, *[example["unanswerable_question"]] * 3]):
        body = {"model": "default", "messages": [{"role": "user", "content": question}]}
        about = demo.call(tenant, "POST", "/v1/chat/completions", json=body)["vernacular"]
        given = {"conversation_id": about["conversation_id"], "message_id": about["message_id"]}
        if number % 3 == 0:
            demo.call(tenant, "POST", "/v1/feedback", json={**given, "rating": 1 if number % 9 else -1})


def take(browser: Browser, demo: Demo, shot: Shot, folder: Path) -> None:
    with browser.new_context(
        viewport=shot.viewport or DESKTOP,
        locale=shot.locale,
        device_scale_factor=1.5,
        color_scheme="dark" if shot.dark else "light",
    ) as context:
        if shot.role:
            demo.sign_in(context, shot.tenant, shot.role)
        page = context.new_page()
        visit(page, demo.url, shot.path, **({"tenant": shot.tenant} if shot.tenant else {}))
        shot.act(page)
        page.mouse.move(0, 0)
        page.wait_for_timeout(900)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        # 128 colours are all that such a page has; a third of the bytes.
        picture.quantize(128, dither=Image.Dither.NONE).save(folder / f"{shot.name}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=HERE / "screenshots", help="The folder to write to.")
    parser.add_argument("--only", default="", help="Part of the names of those to take.")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    with (
        tempfile.TemporaryDirectory() as home,
        running_demo(Path(home) / "home") as demo,
        sync_playwright() as playwright,
    ):
        for tenant in ("harbour", "delta"):
            live_in(demo, tenant)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for shot in faces():
            if arguments.only in shot.name:
                take(browser, demo, shot, arguments.out)


if __name__ == "__main__":
    main()
