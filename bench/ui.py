"""How fast the front end is in a browser, and how it fares with many visitors at once.

    python -m bench.ui [--visits 9] [--sessions 30] [--seconds 60]

Starts `vernacular demo` on an empty home and prints, in Chromium: the first usable paint of the chat (from the navigation until
the question can be typed; each visit with an empty cache), the same over a phone's connection, what each interaction takes from
the click or the key to what was asked for being on the page, and all of it again while the other sessions click through the chat.
Those speak Streamlit's protocol without a browser, which two cores could not run thirty of.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bench.memory import command, pss_mb, rss_mb, tree
from bench.streamlit_session import Session
from tests.e2e.demo import Demo, running_demo
from tests.e2e.pages import at_rest, visit

TENANT: Final = "harbour"
SEARCHED: Final = ("補領身份證", "泊車許可證", "大型廢物", "圖書館", "狗隻牌照", "公屋")
# A phone on a mid-range mobile network: Lighthouse's "slow 4G" is 1.6 Mbit/s and 150 ms, Chrome's "fast 4G" 9 Mbit/s and 60 ms.
PHONE: Final = {"offline": False, "downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8, "latency": 60}
_USABLE = '[data-testid="stChatInputTextArea"]:not([disabled])'
# Whoever visits reads for a while between two clicks.
_THINK_S: Final = (2.0, 8.0)
_NOTE_USABLE = f"""(() => {{
  const look = () => {{
    const input = document.querySelector('{_USABLE}');
    if (input && input.checkVisibility()) window.vnUsable = performance.now();
    else requestAnimationFrame(look);
  }};
  requestAnimationFrame(look);
}})()"""
_AT_REST: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'
Act = Callable[[Page], object]


@dataclass
class Figures:
    """Seconds by what was measured."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        self.taken.setdefault(name, []).append(seconds)

    def print(self, title: str) -> None:
        print(f"\n{title}\n")
        print(f"| {'':44} | {'n':>4} | {'p50 ms':>7} | {'p95 ms':>7} | {'max ms':>7} |")
        print(f"|{'-' * 46}|{'-' * 6}|{'-' * 9}|{'-' * 9}|{'-' * 9}|")
        for name, values in self.taken.items():
            ms = [1000 * value for value in values]
            print(f"| {name:44} | {len(ms):4} | {_p(ms, 50):7.0f} | {_p(ms, 95):7.0f} | {max(ms):7.0f} |")

    def summary(self) -> dict[str, dict[str, float]]:
        return {
            name: {"n": len(values), "p50_ms": round(1000 * _p(values, 50)), "p95_ms": round(1000 * _p(values, 95))}
            for name, values in self.taken.items()
        }


def _p(values: Sequence[float], percent: int) -> float:
    """A percentile; of few values, the one that so many do not exceed."""
    ordered = sorted(values)
    if percent == 50:
        return statistics.median(ordered)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def cold_visits(browser: Browser, demo: Demo, figures: Figures, number: int, name: str, network: Any = None) -> None:
    for _ in range(number):
        with browser.new_context(locale="en-GB") as context:
            page = context.new_page()
            page.add_init_script(_NOTE_USABLE)
            if network:
                wire = context.new_cdp_session(page)
                wire.send("Network.enable")
                wire.send("Network.emulateNetworkConditions", network)
            page.goto(f"{demo.url}/?tenant={TENANT}", timeout=60_000)
            page.locator(_USABLE).wait_for(timeout=60_000)
            figures.add(name, page.evaluate("window.vnUsable") / 1000)


def timed(page: Page, act: Act, event: str, done: str) -> float:
    """Seconds from the next `event` in the page, which `act` brings about, until the JavaScript expression `done` holds."""
    page.evaluate(
        f"""() => {{
          window.vnTaken = new Promise((resolve) => {{
            document.addEventListener("{event}", (begun) => {{
              const look = () => ({done}) ? resolve(performance.now() - begun.timeStamp) : requestAnimationFrame(look);
              requestAnimationFrame(look);
            }}, {{ capture: true, once: true }});
          }});
        }}"""
    )
    act(page)
    return float(page.evaluate("window.vnTaken")) / 1000


def shows(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})?.checkVisibility()"


def language_switch(page: Page, figures: Figures, name: str, language: str) -> None:
    """The whole page is in it: heading, notice, suggestions and input."""
    option = page.get_by_role("option", name={"es": "Español", "en": "English"}[language], exact=True)
    while not option.is_visible():  # a page that still scrolls to the newest answer closes the list again
        page.locator(".st-key-language").get_by_role("combobox").press("ArrowDown")
        page.wait_for_timeout(100)
    before = json.dumps(page.locator("textarea").get_attribute("placeholder"))
    done = f"document.documentElement.lang === '{language}' && document.querySelector('textarea')?.placeholder !== {before}"
    figures.add(name, timed(page, lambda _: option.click(), "pointerdown", done))
    at_rest(page)


def citation(page: Page, figures: Figures, name: str) -> None:
    """The panel is open, with the passage marked."""
    marker = page.locator("a.vn-marker").first
    figures.add(name, timed(page, lambda _: marker.click(), "click", shows('[role="dialog"] mark')))
    at_rest(page)
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Close|Cerrar")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    at_rest(page)


def chat_interactions(browser: Browser, demo: Demo, figures: Figures, number: int) -> None:
    with browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 2400}) as context:
        page = context.new_page()
        visit(page, demo.url, tenant=TENANT, lang="en")
        for turn in range(number):
            language_switch(page, figures, "language switch, before a question", ("es", "en")[turn % 2])
        page.locator(".st-key-suggestion-0 button").click()
        page.locator("a.vn-marker").first.wait_for()
        at_rest(page)
        for turn in range(number):
            language_switch(page, figures, "language switch, with an answer", ("en", "es")[turn % 2])
            citation(page, figures, "opening a citation")


def desk_interactions(browser: Browser, demo: Demo, figures: Figures, number: int) -> None:
    with browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 860}) as context:
        demo.sign_in(context, TENANT, "admin")
        page = context.new_page()
        visit(page, demo.url, "overview", tenant=TENANT, lang="en")
        sidebar = page.get_by_test_id("stSidebar")
        for _ in range(number):
            for title in ("Documents", "Overview"):
                link = sidebar.get_by_role("link", name=title)
                done = f"document.querySelector('h1')?.textContent === '{title}' && {shows(_AT_REST)}"
                figures.add(f"opening the page {title}", timed(page, partial(_click, link), "click", done))
                at_rest(page)
        visit(page, demo.url, "search", tenant=TENANT, lang="en")
        for word in (SEARCHED * number)[:number]:
            hits = page.locator(".vn-hits")
            before = json.dumps(hits.text_content() if hits.count() else "")
            done = f"(document.querySelector('.vn-hits')?.textContent ?? {before}) !== {before}"
            page.get_by_role("searchbox").select_text()
            taken = timed(page, partial(_type, word), "input", done)
            figures.add("a keystroke in search, to its results", taken)
            at_rest(page)


def _click(link: Locator, page: Page) -> None:
    link.click()


def _type(word: str, page: Page) -> None:
    page.keyboard.insert_text(word)


# --- many at once ----------------------------------------------------------------------------------------------------


class Crowd:
    """Sessions without a browser that click through the chat until they are told to stop."""

    def __init__(self, demo: Demo, size: int) -> None:
        self.figures = Figures()
        self.errors: list[str] = []
        self._demo = demo
        self._size = size
        self._over = threading.Event()
        self._there = threading.Barrier(2)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    def __enter__(self) -> Crowd:
        self._thread.start()
        self._there.wait(120)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    async def _all(self) -> None:
        visitors = [asyncio.create_task(self._one(random.Random(number))) for number in range(self._size)]
        await asyncio.to_thread(self._there.wait, 120)
        await asyncio.gather(*visitors)

    async def _one(self, chance: random.Random) -> None:
        await asyncio.sleep(chance.uniform(0, 5))
        while not self._over.is_set():
            try:
                await self._visit(chance)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is counted and printed
                self.errors.append(repr(error))
                await asyncio.sleep(1)

    async def _visit(self, chance: random.Random) -> None:
        began = time.perf_counter()
        async with Session(self._demo.url, {"tenant": TENANT, "lang": "en"}) as session:
            await session.run()
            self.figures.add("a visit: page, connection, first run", time.perf_counter() - began)
            for number in range(2):
                await self._think(chance)
                if self._over.is_set():
                    return
                key = f"suggestion-{chance.randrange(3)}"
                if number == 0:
                    self.figures.add("a question to its cited answer", await session.click(key))
                await self._think(chance)
                sources = [key for key in session.buttons if "source-" in key]
                self.figures.add("opening a citation", await session.click(sources[0]))
                await self._think(chance)
                language = ("Español", "English")[number]
                self.figures.add("language switch", await session.pick("language", language))

    async def _think(self, chance: random.Random) -> None:
        await asyncio.sleep(chance.uniform(*_THINK_S))


def ui_process(demo: Demo) -> int:
    """The process that serves the front end."""
    found = [pid for pid in tree(demo.process.pid) if " ui" in command(pid)]
    assert found, [command(pid) for pid in tree(demo.process.pid)]
    return found[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--visits", type=int, default=9, help="Cold visits, and repetitions of each interaction.")
    parser.add_argument("--sessions", type=int, default=30, help="Sessions at once, the browser's among them.")
    parser.add_argument("--seconds", type=float, default=60, help="How long they stay at least.")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder) / "home", [TENANT]) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        serving = ui_process(demo)
        alone, beside = Figures(), Figures()
        cold_visits(browser, demo, alone, arguments.visits, "first usable paint of the chat")
        cold_visits(browser, demo, alone, arguments.visits, "first usable paint, 9 Mbit/s and 60 ms", PHONE)
        chat_interactions(browser, demo, alone, arguments.visits)
        desk_interactions(browser, demo, alone, arguments.visits)
        alone.print("One visitor, in Chromium")
        memory = {"before_mb": round(pss_mb(serving))}
        with Crowd(demo, arguments.sessions - 1) as crowd:
            until = time.monotonic() + arguments.seconds
            time.sleep(10)
            while time.monotonic() < until:
                cold_visits(browser, demo, beside, 3, "first usable paint of the chat")
                chat_interactions(browser, demo, beside, 3)
                desk_interactions(browser, demo, beside, 2)
            memory |= {"beside_mb": round(pss_mb(serving)), "beside_rss_mb": round(rss_mb(serving))}
        beside.print(f"The same beside {arguments.sessions - 1} other sessions on the one process")
        crowd.figures.print("Those sessions, over Streamlit's WebSocket")
        print(
            f"\nMemory of the front end's process: {memory['before_mb']} MB before, {memory['beside_mb']} MB at the end."
        )
        if crowd.errors:
            print(f"{len(crowd.errors)} visits failed, e.g. {crowd.errors[0]}")
        result = {"alone": alone.summary(), "beside": beside.summary(), "crowd": crowd.figures.summary()}
        print(json.dumps({**result, "memory": memory, "sessions": arguments.sessions, "errors": len(crowd.errors)}))


if __name__ == "__main__":
    main()
