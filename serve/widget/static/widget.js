// <script src="https://GATEWAY/widget.js" data-widget="ID" async></script> puts a button on the page that opens a chat.
// data-lang names its language (else the page's, then the browser's); data-side="start" moves the button to the other corner.
// The page fetches the frame's short-lived token, for it alone can show which site it is; the frame alone can use it.
(() => {
  'use strict';

  const NAME = 'vernacular-widget';
  const script = document.currentScript;
  if (!script || !script.dataset.widget || document.querySelector(NAME)) return;
  const { widget, lang, side } = script.dataset;
  const base = new URL('.', script.src).href;
  const gateway = new URL(base).origin;
  const languages = [lang, document.documentElement.lang, ...navigator.languages].filter(Boolean).slice(0, 20).join();
  const query = (more) => new URLSearchParams({ widget, languages, ...more });

  const STYLE = `
    :host { all: initial !important; color-scheme: light dark !important; }
    button {
      position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483646;
      box-sizing: border-box; width: 56px; height: 56px; padding: 14px; border: 2px solid #fff; border-radius: 50%;
      background: var(--color); color: #fff; cursor: pointer; box-shadow: 0 2px 12px #0006;
    }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #000; }
    svg { display: block; width: 100%; height: 100%; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    dialog {
      position: fixed; inset: auto; inset-block-end: 88px; inset-inline-end: 20px; z-index: 2147483647;
      box-sizing: border-box; width: 400px; height: min(640px, calc(100vh - 108px)); max-width: none; max-height: none;
      margin: 0; padding: 0; border: 1px solid #8888; border-radius: 12px; overflow: hidden;
      background: Canvas; box-shadow: 0 8px 32px #0005;
    }
    dialog:not([open]) { display: none; }
    .start, .start + dialog { inset-inline: 20px auto; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px), (max-height: 480px) {
      .start + dialog, dialog { inset: 0; width: 100vw; height: 100vh; height: 100dvh; border: 0; border-radius: 0; }
    }
    @media (forced-colors: active) { button { border-color: ButtonText; } }
    @media print { :host { display: none !important; } }
  `;
  const SPEECH = 'M4 5h16v11H10l-5 4v-4H4z';
  const CROSS = 'M6 6l12 12M18 6L6 18';
  const small = matchMedia('(max-width: 480px), (max-height: 480px)');

  let host, button, path, dialog, frame;

  function build(look) {
    host = document.createElement(NAME);
    host.dir = look.direction;
    host.lang = look.language;
    const root = host.attachShadow({ mode: 'open' });
    // Unlike a <style>, such a sheet is not forbidden by a strict policy of the page.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    button = document.createElement('button');
    button.type = 'button';
    button.className = side === 'start' ? 'start' : '';
    button.style.setProperty('--color', look.color);
    button.setAttribute('aria-label', look.title);
    button.setAttribute('aria-haspopup', 'dialog');
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    icon.setAttribute('viewBox', '0 0 24 24');
    icon.setAttribute('aria-hidden', 'true');
    path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    icon.append(path);
    button.append(icon);
    button.onclick = () => (dialog.open ? close() : open(look));
    dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', look.title);
    dialog.onclose = closed;
    root.onkeydown = (event) => {
      if (event.key === 'Escape' && dialog.open) close();
    };
    root.append(button, dialog);
    document.body.append(host);
    closed();
  }

  function open(look) {
    const first = !frame;
    if (first) {
      frame = document.createElement('iframe');
      frame.title = look.title;
      frame.referrerPolicy = 'no-referrer';
      frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox');
      frame.src = `${base}widget/frame?${query({ site: location.origin, languages: look.language })}`;
      dialog.append(frame);
    }
    // Where it covers the page, what lies behind it must not take the focus.
    if (small.matches) dialog.showModal();
    else dialog.show();
    show(true, CROSS);
    frame.focus();
    if (!first) tell({ type: 'open' });
  }

  function close() {
    dialog.close();
    closed(); // at once: the event comes later
    button.focus();
  }

  const closed = () => dialog.open || show(false, SPEECH);

  function show(expanded, shape) {
    button.setAttribute('aria-expanded', String(expanded));
    path.setAttribute('d', shape);
  }

  const tell = (message) => frame.contentWindow.postMessage({ widget, ...message }, gateway);

  async function begin(name) {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ widget, frame: name });
    try {
      const response = await fetch(`${base}v1/widget/session`, { method: 'POST', headers, body, credentials: 'omit' });
      tell(response.ok ? { type: 'token', ...(await response.json()) } : { type: 'refused', status: response.status });
    } catch {
      tell({ type: 'refused', status: 0 });
    }
  }

  addEventListener('message', ({ origin, source, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== gateway || !data || data.widget !== widget) return;
    if (data.type === 'begin') begin(data.frame);
    else if (data.type === 'close') close();
  });

  async function start() {
    try {
      const response = await fetch(`${base}v1/widget?${query()}`, { credentials: 'omit' });
      if (!response.ok) throw new Error((await response.json()).error.message);
      build(await response.json());
    } catch (error) {
      console.warn('The chat does not stand here:', error.message);
    }
  }

  if (document.body) start();
  else addEventListener('DOMContentLoaded', start);
})();
