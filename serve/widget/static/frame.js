// The chat inside the frame, on the gateway's own origin. The page around it, of the origin `site`, gives it a token and can read
// nothing of it. Whatever comes from the gateway becomes text, never markup.
'use strict';

const { widget, assistant, site, frame, secret, color } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words);
const language = document.documentElement.lang;
const locale = language === 'yue' ? 'zh-HK' : language;
const base = new URL('..', location.href);
const at = (id) => document.getElementById(id);
const question = at('question'), log = at('log'), main = document.querySelector('main');
const KEPT_TURNS = 20, SPARE_S = 300; // a token is renewed while it still holds for the longest of answers
const STATUS = { quota_exceeded: 429, unauthorized: 401, forbidden: 403 };
const ARROW = 'M12 20V5M5 12l7-7 7 7', SQUARE = 'M7 7h10v10H7z';

const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function make(tag, properties = {}, ...children) {
  const { aria = {}, ...own } = properties;
  const made = Object.assign(document.createElement(tag), own);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  made.append(...children);
  return made;
}

// -- the page around --

const tell = (message) => parent.postMessage({ widget, ...message }, site);
let held = { token: '', until: 0 };
let waiting = [];

function token(anew) {
  if (!anew && Date.now() < held.until) return held.token;
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    tell({ type: 'begin', frame });
  });
}

addEventListener('message', ({ origin, source, data }) => {
  if (source !== parent || origin !== site || !data || data.widget !== widget) return;
  if (data.type === 'open') enter();
  if (data.type === 'token') {
    held = { token: data.token, until: Date.now() + (data.expires_in - SPARE_S) * 1000 };
    waiting.splice(0).forEach((each) => each.resolve(data.token));
  }
  if (data.type === 'refused') waiting.splice(0).forEach((each) => each.reject(data));
});

// -- the gateway --

async function request(path, body, signal) {
  for (let tried = 0; ; tried++) {
    const headers = { Authorization: `Bearer ${await token(tried)}`, 'X-Vernacular-Frame': secret };
    const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    if (body) headers['Content-Type'] = 'application/json';
    const response = await fetch(new URL(path, base), { ...sent, headers, signal, credentials: 'omit' });
    if (response.ok) return response;
    if (response.status !== 401 || tried) throw { status: response.status, wait: response.headers.get('Retry-After') };
  }
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) if (part !== 'data: [DONE]') yield JSON.parse(part.slice(6));
  }
}

function problem({ status = 0, wait }) {
  if (status === 429) return say('busy', { when: soon(Number(wait) || 60) });
  if (status === 0) return say('offline');
  return say([401, 403, 404].includes(status) ? 'gone' : 'failed');
}

function soon(seconds) {
  const [unit, length] = seconds < 120 ? ['second', 1] : seconds < 7200 ? ['minute', 60] : ['hour', 3600];
  return new Intl.RelativeTimeFormat(locale).format(Math.ceil(seconds / length), unit);
}

// -- what is shown --

function small(text, more = '') {
  return make('p', { className: `small ${more}`, textContent: text });
}

function link(address, text) {
  if (!/^https?:\/\/\S+$/i.test(address)) return null;
  return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer', textContent: text, dir: 'auto' });
}

const spoken = (who) => make('span', { className: 'hidden', textContent: `${say(who)}: ` });

const cells = (text) => text.replace(/(^|[«“„"「]\s?)\| *| *\|(?=\s?[»”“"」]|\s*$)/gm, '$1').replace(/ *\| */g, ' · ');

// The answer with a button for each of its markers, and the spans (in code points) underlined that no document bears out.
function body(text, sources, unsupported, show) {
  const offsets = [0];
  for (const point of text) offsets.push(offsets.at(-1) + point.length);
  const doubted = unsupported.map((span) => span.map((each) => offsets[each]));
  const shown = make('div', { className: 'said', dir: 'auto' });
  const plain = (from, to) => {
    const edges = [from, to, ...doubted.flat().filter((each) => from < each && each < to)].sort((a, b) => a - b);
    edges.slice(1).forEach((end, index) => {
      const start = edges[index];
      // The gateway's backslashes are for readers of Markdown; dates keep their order in text that runs the other way.
      const bare = cells(text.slice(start, end)).replace(/\\</g, '<').replace(/\]\\\(/g, '](');
      const part = bare.replace(/\d+(?:[-/.:]\d+)+/g, '\u2066$&\u2069');
      const doubtful = doubted.some((span) => span[0] <= start && end <= span[1]);
      shown.append(doubtful ? make('mark', { textContent: part }) : part);
    });
  };
  let last = 0;
  for (const found of text.matchAll(/```\w*\n([^]*?)```|\s?\[(\d{1,2})\]|\*\*([^*\n]+)\*\*|`([^`\n]+)`/g)) {
    plain(last, found.index);
    last = found.index + found[0].length;
    const [, block, number, bold, code] = found;
    if (block !== undefined) shown.append(make('pre', { dir: 'ltr', tabIndex: 0, textContent: block }));
    else if (bold) shown.append(make('b', { textContent: bold }));
    else if (code) shown.append(make('code', { dir: 'ltr', textContent: code }));
    else if (sources.some((source) => source.index === Number(number))) {
      const label = say('source', { n: number });
      const marker = make('button', { type: 'button', className: 'marker', textContent: number, aria: { label } });
      marker.onclick = () => show(Number(number));
      shown.append(marker);
    } else shown.append(found[0]);
  }
  plain(last, text.length);
  return shown;
}

function day(text) {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC', calendar: 'gregory' });
  return `\u2068${format.format(new Date(text))}\u2069`;
}

function card(source) {
  const from = source.valid_from, until = source.valid_until;
  const past = until && until < new Date().toISOString().slice(0, 10);
  const title = make('bdi', { textContent: source.title || source.filename || say('source', { n: source.index }) });
  const inside = make('div', {}, make('blockquote', { dir: 'auto', textContent: cells(source.quote) }));
  if (source.described) inside.append(small(say('described')));
  if (from) inside.append(small(say('since', { date: day(from) })));
  if (until) inside.append(small(say(past ? 'ended' : 'until', { date: day(until) }), past ? 'outdated' : ''));
  const address = link(source.uri || '', say('open'));
  if (address) inside.append(address);
  const page = source.page == null ? '' : ` · ${say('page', { n: source.page })}`;
  return make('details', {}, make('summary', {}, `${source.index}  `, title, page), inside);
}

function contact(said) {
  const { name, ...rest } = tenant.contact || {};
  const told = Object.values(rest).filter((each) => each && !said.includes(each)).map(String);
  if (!told.length) return [];
  const lines = told.map((each) => make('p', {}, link(each, each) || make('bdi', { textContent: each })));
  return [make('h2', { textContent: name || say('contact'), dir: 'auto' }), ...lines];
}

function thumbs(about) {
  const row = make('p', { className: 'rate small' }, make('span', { textContent: words.label }));
  const thanks = make('span', { role: 'status' });
  const buttons = [1, -1].map((rating) => {
    const label = say(rating > 0 ? 'helpful' : 'unhelpful');
    const made = make('button', { type: 'button', textContent: rating > 0 ? '👍' : '👎', title: label, aria: { label, pressed: 'false' } });
    made.onclick = async () => {
      const withdrawn = made.getAttribute('aria-pressed') === 'true';
      const { conversation_id, message_id } = about;
      try {
        await request('v1/feedback', { conversation_id, message_id, rating: withdrawn ? 0 : rating });
        buttons.forEach((each) => each.setAttribute('aria-pressed', String(each === made && !withdrawn)));
        thanks.textContent = withdrawn ? '' : say('thanks');
      } catch (error) {
        thanks.textContent = problem(error);
      }
    };
    return made;
  });
  if (about.message_id) row.append(thanks, ...buttons);
  return row;
}

function finish(told, { text, sources, about }) {
  const cards = sources.map(card);
  const show = (number) => {
    const chosen = cards[sources.findIndex((source) => source.index === number)];
    chosen.open = true;
    chosen.firstChild.focus();
    chosen.scrollIntoView({ block: 'nearest' });
  };
  const unsupported = about.unsupported || [];
  told.classList.toggle('declined', about.answered === false);
  const said = body(text, sources, unsupported, show);
  said.lang = about.dialect || about.language || '';
  told.replaceChildren(spoken('assistant'), said);
  if (unsupported.length) told.append(small(say('unsupported')));
  if (about.reason === 'interrupted') told.append(small(say('cut')));
  if (about.answered === false) {
    if (about.looked_for?.length) told.append(small(say('looked', { terms: about.looked_for.join(' · ') })));
    told.append(...contact(text));
  }
  if (cards.length) told.append(make('h2', { textContent: say('sources') }), ...cards);
  told.append(thumbs(about));
}

// -- the conversation --

let tenant = {};
let turns = [];
let running = null;
const KEY = `vernacular ${widget}`;

// For as long as the tab is open, so that the conversation goes on from page to page; where browsers forbid it, it does not.
function keep() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(turns.slice(-KEPT_TURNS)));
  } catch {}
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) || [];
  } catch {
    return [];
  }
}

function place(asked) {
  const bubble = make('p', { className: 'asked', dir: 'auto' }, spoken('you'), asked);
  const told = make('div', { className: 'told' });
  log.append(bubble, told);
  at('suggested').hidden = true;
  at('fresh').hidden = false;
  return { bubble, told };
}

// Until the question stands at the top: the answer below it is read from its beginning, and whoever scrolls is left alone.
function follow(bubble) {
  if (bubble.anchored) return;
  bubble.scrollIntoView({ block: 'start' });
  bubble.anchored = bubble.getBoundingClientRect().top < main.getBoundingClientRect().top + 24;
}

function ready() {
  at('send').disabled = !running && !question.value.trim();
  at('send').setAttribute('aria-label', say(running ? 'stop' : 'send'));
  at('send').querySelector('path').setAttribute('d', running ? SQUARE : ARROW);
  log.setAttribute('aria-busy', String(Boolean(running)));
}

async function ask(asked) {
  const { bubble, told } = place(asked);
  const turn = { asked, text: '', sources: [], about: {} };
  const mine = (running = new AbortController());
  told.append(make('p', { className: 'small waiting', textContent: say('searching') }));
  question.value = '';
  ready();
  follow(bubble);
  try {
    const messages = turns.flatMap(({ asked, text }) => [{ role: 'user', content: asked }, { role: 'assistant', content: text }]);
    const wish = { conversation_id: turns.at(-1)?.about.conversation_id };
    const sent = { model: assistant || 'default', stream: true, vernacular: wish };
    const response = await request(
      'v1/chat/completions',
      { ...sent, messages: [...messages, { role: 'user', content: asked }] },
      mine.signal,
    );
    for await (const event of events(response)) {
      if (event.error) throw { status: STATUS[event.error.name] || 500 };
      const delta = event.choices[0]?.delta || {};
      turn.text += delta.content || '';
      turn.sources = delta.annotations || turn.sources;
      turn.about = event.vernacular || turn.about;
      if (turn.text) told.replaceChildren(make('p', { className: 'said', dir: 'auto', textContent: turn.text }));
      follow(bubble);
    }
    turns.push(turn);
    finish(told, turn);
    keep();
  } catch (error) {
    if (mine !== running) return; // the conversation was left meanwhile
    if (mine.signal.aborted) told.append(small(say('cut')));
    else fail(error, told, () => [bubble, told].forEach((each) => each.remove()) || ask(asked));
  } finally {
    if (mine === running) running = null;
    ready();
    follow(bubble);
  }
}

function fail(error, told, again) {
  const retry = make('button', { type: 'button', className: 'retry', textContent: say('again') });
  retry.onclick = () => {
    again();
    question.focus();
  };
  told.replaceChildren(small(problem(error), 'problem'), retry);
}

function submit() {
  if (running) running.abort();
  else if (question.value.trim()) ask(question.value.trim());
}

function renew() {
  running?.abort();
  running = null;
  turns = [];
  keep();
  log.replaceChildren();
  at('suggested').hidden = false;
  at('fresh').hidden = true;
  ready();
  question.focus();
}

// -- beginning --

function enter() {
  // On a touch screen the keyboard would cover what is to be read first.
  (matchMedia('(hover: none)').matches ? at('name') : question).focus();
}

async function introduce() {
  const start = make('div');
  log.replaceChildren(start);
  try {
    tenant = await (await request('v1/tenant')).json();
  } catch (error) {
    return fail(error, start, introduce);
  }
  start.remove();
  at('greeting').textContent = tenant.greeting;
  at('greeting').hidden = !tenant.greeting;
  for (const each of tenant.suggested_questions) {
    const made = make('button', { type: 'button', textContent: each, dir: 'auto' });
    made.onclick = () => {
      if (!running) ask(each);
      question.focus();
    };
    at('suggested').append(made);
  }
  at('suggested').hidden = false;
  for (const turn of (turns = recall())) {
    const { bubble, told } = place(turn.asked);
    finish(told, turn);
    bubble.scrollIntoView();
  }
  picture().catch(() => {}); // a chat without its logo is a chat
}

async function picture() {
  const address = tenant.branding?.logo;
  if (!address) return;
  const image = await (await request(address.replace(/^\//, ''))).blob();
  at('logo').src = URL.createObjectURL(image);
  at('logo').hidden = false;
}

document.documentElement.style.setProperty('--brand', color);
question.oninput = ready;
question.onkeydown = (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (!running) submit();
};
at('send').onclick = submit;
at('fresh').onclick = renew;
at('close').onclick = () => tell({ type: 'close' });
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) tell({ type: 'close' });
});
ready();
enter();
introduce();
