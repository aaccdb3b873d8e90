/* The page's only script, allowed by its hash in the Content-Security-Policy: it reads no text of documents. What someone signed in
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
  document.addEventListener("click", (event) => {
    const marker = event.target.closest ? event.target.closest("a.vn-marker") : null;
    if (!marker) return;
    event.preventDefault();
    const source = document.querySelector(".st-key-" + CSS.escape(marker.dataset.source) + " button");
    if (source) source.click();
  });
  const exchange = (held) => {
    held.dataset.sent = "1";
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ticket: held.dataset.ticket }) };
    fetch("/account/session", sent).finally(() => location.assign(held.dataset.next));
  };
  new MutationObserver(() => {
    const held = document.querySelector("#vn-session:not([data-sent])");
    if (held) exchange(held);
    const quote = document.querySelector("mark.vn-quote:not([data-shown])");
    if (!quote) return;
    quote.dataset.shown = "1";
    quote.scrollIntoView({ block: "center" });
  }).observe(document.body, { childList: true, subtree: true });
})();
