"""Takes the widget's screenshots on a page of its own, before a running demo:
`python -m docs.take_widget_screenshots --gateway URL --key harbour=KEY --key delta=KEY` with what `vernacular demo` prints.

Needs the extra `test` and a Chromium (`apt-get install chromium fonts-noto-cjk`).
"""

from __future__ import annotations

import argparse
import io
import shutil
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE: Final = Path(__file__).parent
DESKTOP, PHONE = {"width": 900, "height": 720}, {"width": 390, "height": 760}
SITES: Final = {
    "harbour": ("zh-HK", "ltr", "海港市 Harbour City", "申請證件", "辦理證件前，請先預約，並帶齊所需文件。"),
    "delta": ("ar", "rtl", "محافظة دلتا النخيل", "استخراج الوثائق", "يرجى الحجز مسبقاً وإحضار المستندات المطلوبة."),
}
"""By tenant: language, direction, name, heading and text of a page for its widget to stand on."""
_STYLE: Final = (
    "body{margin:0;font:18px/1.6 system-ui,'Noto Sans CJK HK',sans-serif;color:#222}header{padding:16px 32px;background:#e8edf2}"
    "main{padding:16px 32px;max-width:30em}"
)


class Site(BaseHTTPRequestHandler):
    def __init__(self, tenant: str, tags: dict[str, str], *arguments: Any) -> None:
        self.tenant, self.tags = tenant, tags
        super().__init__(*arguments)

    def do_GET(self) -> None:
        language, direction, name, heading, text = SITES[self.tenant]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        page = f'<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8"><title>{name}</title>'
        page += '<meta name="viewport" content="width=device-width, initial-scale=1">'
        page += f"<style>{_STYLE}</style><header>{name}</header><main><h1>{heading}</h1><p>{text}</p></main>{self.tags[self.tenant]}"
        self.wfile.write(page.encode())

    def log_message(self, *_told: Any) -> None:
        pass


def site(gateway: str, tenant: str, key: str) -> str:
    """The address of a page with the tenant's widget."""
    tags: dict[str, str] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, tenant, tags))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://localhost:{server.server_port}"
    headers = {"Authorization": f"Bearer {key}"}
    made = httpx.post(f"{gateway}/v1/admin/widgets", headers=headers, json={"origins": [address]}, timeout=30.0)
    tags[tenant] = made.raise_for_status().json()["tag"]
    return address


def ask_first(page: Page) -> None:
    """Open the chat, ask the first suggested question and open the first source."""
    page.locator("vernacular-widget button").click()
    frame = page.frame_locator("vernacular-widget iframe")
    frame.locator("#suggested button").first.click()
    expect(frame.locator(".rate")).to_be_visible(timeout=30_000)
    frame.locator(".marker").first.click()
    frame.locator(".told").first.scroll_into_view_if_needed()


def picture(browser: Browser, path: Path, address: str, viewport: dict[str, int], **visitor: Any) -> None:
    context = browser.new_context(viewport=viewport, device_scale_factor=1.25, **visitor)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    ask_first(page)
    page.wait_for_timeout(500)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", required=True, help="The gateway's address.")
    parser.add_argument("--key", action="append", required=True, help="TENANT=ADMIN_KEY, of harbour and of delta.")
    parser.add_argument("--out", type=Path, default=HERE / "screenshots", help="The folder to write to.")
    arguments = parser.parse_args()
    sites = {
        tenant: site(arguments.gateway, tenant, key) for tenant, key in (each.split("=", 1) for each in arguments.key)
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        picture(browser, arguments.out / "widget.png", sites["harbour"], DESKTOP)
        picture(browser, arguments.out / "widget-dark.png", sites["harbour"], DESKTOP, color_scheme="dark")
        picture(browser, arguments.out / "widget-phone.png", sites["harbour"], PHONE, has_touch=True)
        picture(browser, arguments.out / "widget-arabic.png", sites["delta"], DESKTOP)
        browser.close()


if __name__ == "__main__":
    main()
