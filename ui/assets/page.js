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
    words.querySelectorAll("p, li, dt, dd, div, b").forEach((part) => part.append(" "));
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
  // The answer stands on the page a moment before the buttons of its sources do.
  const openSource = (name, tries) => {
    const source = document.querySelector(".st-key-" + CSS.escape(name) + " button");
    if (source) source.click();
    else if (tries) setTimeout(() => openSource(name, tries - 1), 100);
  };
  // What this tab's conversations are, by tenant, for a page that knows of none: see ui/views/chat_kept.py. Whoever signs in or out
  // leaves them behind, and nobody gets another's.
  const KEPT = "vernacular conversations";
  const kept = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT)) || {};
    } catch {
      return {};
    }
  };
  const keep = (conversations) => {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(conversations));
    } catch {}  // forbidden: then a conversation ends with its page
  };
  let left = false, heard = null, wanted = "";
  const leave = () => {
    left = true;
    keep({});
  };
  const takeUp = () => {
    const told = document.getElementById("vn-conversation");
    if (left || !told) return;
    if (told !== heard) {
      heard = told;
      const { tenant, who, kept: now, fresh, waits } = told.dataset, all = kept();
      wanted = fresh && all[tenant]?.who === who ? all[tenant].kept : "";
      if (!wanted) delete all[tenant];
      if (now) all[tenant] = { who, kept: now };
      keep(all);
      if (waits) wanted ||= "{}";
    }
    const field = wanted && document.querySelector(".st-key-kept-conversation input");
    if (!field) return;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, wanted);
    wanted = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  };
  const acts = {
    copy: (button) => copy(button.dataset.text).then(() => {
      const shown = button.querySelector("span");
      const label = button.dataset.label || shown.textContent;
      button.dataset.label = label;
      shown.textContent = button.dataset.done;
      button.focus();
      say(button.dataset.done);
      setTimeout(() => { shown.textContent = label; }, 2000);
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
    if (near(event, ".st-key-sign-out button")) leave();
    const marker = near(event, "a.vn-marker");
    if (!marker) return;
    event.preventDefault();
    openSource(marker.dataset.source, 20);
  });
  document.addEventListener("keydown", (event) => {
    const marker = event.key === " " ? near(event, "a.vn-marker") : null;
    if (!marker) return;
    event.preventDefault();
    marker.click();
  });
  // A dialog that is drawn anew may lose the focus, and with it Streamlit's own Escape.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.activeElement !== document.body) return;
    document.querySelector('[role="dialog"] > button[aria-label]')?.click();
  });
  // It is given back, once Streamlit has had its time to do so: by keyboard or screen reader one would be behind the dialog.
  let due = 0;
  const stayInside = () => {
    due ||= setTimeout(() => {
      due = 0;
      const dialog = document.querySelector('[data-testid="stDialog"] [role="dialog"]'), at = document.activeElement;
      if (!dialog || !(at === document.body || document.getElementById("root").contains(at))) return;
      dialog.focus({ preventScroll: true });
      stayInside();
    }, 700);
  };
  document.addEventListener("focusout", stayInside);
  // Search: `/` to its field, arrows through what was found.
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector(".st-key-search-query input");
    if (!field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || near(event, '[role="dialog"]')) return;
    if (event.key === "/" && !near(event, "input, textarea, [contenteditable]")) {
      event.preventDefault();
      field.select();
      field.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [field, ...document.querySelectorAll("a.vn-open")];
    const at = stops.indexOf(event.target);
    if (!step || at < 0 || !stops[at + step]) return;
    event.preventDefault();
    stops[at + step].focus();
  });
  const exchange = (held) => {
    held.dataset.sent = "1";
    const next = held.dataset.next;  // none: she has signed in again, and goes on where she was
    if (next) leave();
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ticket: held.dataset.ticket }) };
    fetch("/account/session", sent).finally(() => next && location.assign(next));
  };
  // Streamlit keeps a chat at its end, also one that has not begun: on a phone that would hide whose page it is, and the notice.
  // Once it has, the question is kept in sight while its answer comes, until the visitor moves.
  let begun = 0, asked = 0, follows = false, moved = false, drawn = 0;
  for (const move of ["wheel", "touchmove", "pointerdown", "keydown"]) document.addEventListener(move, () => { follows = false; moved = true; }, { passive: true });
  const hold = (questions) => follows && asked && questions[asked - 1]?.scrollIntoView();
  // Streamlit goes to the end once more after an answer is whole, when nothing on the page changes any longer.
  document.addEventListener("scroll", () => performance.now() - drawn < 3000 && hold(document.querySelectorAll(".vn-question")), { capture: true, passive: true });
  const follow = () => {
    const questions = document.querySelectorAll(".vn-question"), main = document.querySelector(".stMain");
    if (questions.length > asked) follows = true;
    asked = questions.length;
    drawn = performance.now();
    hold(questions);
    if (begun || asked || !main || !document.querySelector(".st-key-suggestions")) return;
    begun = performance.now();
    // It may go there more than once, as what stands above comes: a logo, letters of another font.
    const top = () => { if (!asked && !moved && performance.now() - begun < 3000) main.scrollTop = 0; };
    main.addEventListener("scroll", top, { passive: true });
    top();
  };
  new MutationObserver(() => {
    follow();
    stayInside();
    const held = document.querySelector("#vn-session:not([data-sent])");
    if (held) exchange(held);
    takeUp();
    document.querySelectorAll("[data-announce]").forEach((told) => said.has(told.dataset.announce) || announce(told));
    // Streamlit names these in English alone.
    document.querySelectorAll("[data-close]").forEach((told) => {
      const button = told.closest('[role="dialog"]')?.querySelector(":scope > button[aria-label]");
      if (button && button.ariaLabel !== told.dataset.close) button.ariaLabel = told.dataset.close;
    });
    const told = document.querySelector("[data-skip]"), skip = document.querySelector('[data-testid="stSkipToContent"]');
    if (told && skip && skip.textContent !== told.dataset.skip) skip.textContent = told.dataset.skip;
    const quote = document.querySelector("mark.vn-quote:not([data-shown])");
    if (!quote) return;
    quote.dataset.shown = "1";
    // The text is scrolled, not the panel: what stands above it, like a product's picture, stays in sight.
    const text = quote.closest(".vn-document");
    if (!text) return;
    const top = quote.getBoundingClientRect().top - text.getBoundingClientRect().top;
    text.scrollTop += top - text.clientHeight / 2 + Math.min(quote.offsetHeight, text.clientHeight) / 2;
  }).observe(document.body, { childList: true, subtree: true });
})();
