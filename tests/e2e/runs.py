"""When the front end's script runs for a page, told by the messages between them, and what stands on the page twice meanwhile.

Streamlit's own mark is set when a run has begun, some time after the click that asked for it. Here the page is marked from the click on, so
that a test never acts on what is about to be replaced.
"""

from __future__ import annotations

from typing import Final

from playwright.sync_api import BrowserContext, Page

AT_REST: Final = 'html:not([data-runs]) [data-testid="stApp"][data-test-script-state="notRunning"]'
_RUNNING: Final = '[data-testid="stApp"]:is(html[data-runs] *, [data-test-script-state="running"])'
# Of Streamlit's messages: `BackMsg.rerun_script`, `ForwardMsg.script_finished`, and of the ways to finish the one after which the script begins anew.
_WATCH: Final = """
(() => {
  const RERUN = 11, FINISHED = 6, FOR_ANOTHER = 2, LARGEST = 4096, PAUSE = MILLISECONDS;
  let asked = 0, done = 0, queue = Promise.resolve();
  const mark = () => document.documentElement?.toggleAttribute("data-runs", asked > done);
  /** The number and the value of a message's last field that says what it is. */
  const told = (data) => {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let at = 0, last = [0, 0];
    const number = () => {
      let value = 0, place = 1, byte;
      do { byte = bytes[at++]; value += (byte & 127) * place; place *= 128; } while (byte & 128);
      return value;
    };
    while (at < bytes.length) {
      const tag = number(), kind = tag % 8, field = (tag - kind) / 8;
      if (kind !== 0 && kind !== 2) return last;
      const value = number();
      if (kind === 2) at += value;
      if (field > 2) last = [field, value];
    }
    return last;
  };
  window.WebSocket = class extends WebSocket {
    addEventListener(kind, act, ...more) {
      const slow = (event) => {
        queue = queue.then(() => new Promise((next) => setTimeout(next, PAUSE))).then(() => act(event));
      };
      super.addEventListener(kind, kind === "message" && PAUSE ? slow : act, ...more);
    }
    constructor(...address) {
      super(...address);
      this.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer) || data.byteLength > LARGEST) return;
        const [field, how] = told(data);
        // Not before the page has taken it in.
        if (field === FINISHED && how !== FOR_ANOTHER) { const upTo = asked; setTimeout(() => { done = upTo; mark(); }); }
      });
    }
    send(data) {
      if (typeof data !== "string" && told(data)[0] === RERUN) { asked += 1; mark(); }
      return super.send(data);
    }
  };
  window.shownTwice = {};
  new MutationObserver(() => {
    const found = new Map();
    document.querySelectorAll('[class*="st-key-"]').forEach((each) => each.classList.forEach((name) => {
      if (name.startsWith("st-key-")) found.set(name, [...(found.get(name) ?? []), each]);
    }));
    found.forEach((places, name) => {
      if (places.length > 1 && places.filter((each) => each.checkVisibility()).length > 1) window.shownTwice[name] = true;
    });
  }).observe(document, { subtree: true, childList: true });
})();
"""


def watch(context: BrowserContext, pause_ms: int = 0) -> BrowserContext:
    """Have each page of it tell. What a test does and expects there waits until no run is under way. `pause_ms`: between two messages to a page, so
    that it is seen as it is in the middle of a run."""
    context.add_init_script(script=_WATCH.replace("MILLISECONDS", str(pause_ms)))
    context.on("page", _wait_for_runs)
    return context


def _wait_for_runs(page: Page) -> None:
    page.add_locator_handler(page.locator(_RUNNING), lambda _: None)


def shown_twice(page: Page) -> list[str]:
    """The keys of what stood in two places at once, since this was asked last: it moved while a run was under way."""
    found: list[str] = page.evaluate(
        "() => { const found = Object.keys(window.shownTwice); window.shownTwice = {}; return found; }"
    )
    return sorted(found)
