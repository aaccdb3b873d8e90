/* The page's only script, allowed by its hash in the Content-Security-Policy: it makes no markup of any text. What someone signed in
   with is exchanged for a cookie that it cannot read; see ui/handover.py. */
(() => {
  const page = document.getElementById("vn-page");
  if (page) {
    document.documentElement.lang = page.dataset.lang;
    document.documentElement.dir = page.dataset.dir;
    document.documentElement.dataset.face = page.dataset.face;
  }
  if (window.vernacularPage) return;
  window.vernacularPage = true;
  const near = (event, what) => (event.target.closest ? event.target.closest(what) : null);

  // What is new on the page is said once to those who hear it: by name, as Streamlit may draw the same thing again.
  const voice = document.body.appendChild(document.createElement("div"));
  voice.className = "vn-hidden";
  voice.id = "vn-voice";
  voice.setAttribute("aria-live", "polite");
  const said = new Set();
  const say = (text) => {
    voice.textContent = "";
    setTimeout(() => { voice.textContent = text; }, 100);
  };
  const announce = (told) => {
    said.add(told.dataset.announce);
    const words = told.cloneNode(true);
    words.querySelectorAll("sup").forEach((marker) => marker.remove());
    say([told.getAttribute("aria-label"), words.textContent].filter(Boolean).join(": "));
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // not on https
      const field = document.body.appendChild(document.createElement("textarea"));
      field.value = text;
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  const acts = {
    copy: (button) => copy(button.dataset.text).then(() => {
      const label = button.dataset.label || button.textContent;
      button.dataset.label = label;
      button.textContent = button.dataset.done;
      button.focus();
      say(button.dataset.done);
      setTimeout(() => { button.textContent = label; }, 2000);
    }),
    print: () => window.print(),
    write: () => {
      const field = document.querySelector('[data-testid="stChatInput"] textarea');
      if (field) field.focus();
    },
  };
  document.addEventListener("click", (event) => {
    const button = near(event, "[data-act]");
    if (button && Object.hasOwn(acts, button.dataset.act)) {
      event.preventDefault();
      acts[button.dataset.act](button);
    }
    // A suggestion goes away when it is asked; whoever chose it by keyboard goes on in the question field.
    if (event.detail === 0 && near(event, ".st-key-suggestions button")) acts.write();
    const marker = near(event, "a.vn-marker");
    if (!marker) return;
    event.preventDefault();
    const source = document.querySelector(".st-key-" + CSS.escape(marker.dataset.source) + " button");
    if (source) source.click();
  });
  document.addEventListener("keydown", (event) => {
    const marker = event.key === " " ? near(event, "a.vn-marker") : null;
    if (!marker) return;
    event.preventDefault();
    marker.click();
  });
  const exchange = (held) => {
    held.dataset.sent = "1";
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ticket: held.dataset.ticket }) };
    fetch("/account/session", sent).finally(() => location.assign(held.dataset.next));
  };
  new MutationObserver(() => {
    const held = document.querySelector("#vn-session:not([data-sent])");
    if (held) exchange(held);
    document.querySelectorAll("[data-announce]").forEach((told) => said.has(told.dataset.announce) || announce(told));
    const quote = document.querySelector("mark.vn-quote:not([data-shown])");
    if (!quote) return;
    quote.dataset.shown = "1";
    quote.scrollIntoView({ block: "center" });
  }).observe(document.body, { childList: true, subtree: true });
})();
