'use strict';
// Everything shown came from strangers: it becomes text nodes, never markup.

const $ = id => document.getElementById(id);
const MASK = '••••••••';
const SHOWN_BYTES = 512 * 1024;
const ROWS = 500;

const state = { exchanges: new Map(), chosen: 0, detail: null, revealed: false, recording: true, bodies: {}, filter: '', loading: null };

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child !== undefined && child !== null));
  return node;
}

function size(bytes) {
  if (bytes < 1000) return bytes + ' B';
  if (bytes < 1e6) return (bytes / 1e3).toFixed(1) + ' kB';
  if (bytes < 1e9) return (bytes / 1e6).toFixed(1) + ' MB';
  return (bytes / 1e9).toFixed(2) + ' GB';
}

function time(millis) {
  if (millis === undefined) return '';
  if (millis < 10) return millis.toFixed(1) + ' ms';
  if (millis < 10000) return Math.round(millis) + ' ms';
  return (millis / 1000).toFixed(1) + ' s';
}

function toast(words) {
  $('toast').textContent = words;
  $('toast').classList.add('shown');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => $('toast').classList.remove('shown'), 2200);
}

async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
}

// --- the list

function listen() {
  const events = new EventSource('api/events');
  events.addEventListener('all', event => { state.exchanges.clear(); take(JSON.parse(event.data)); });
  events.addEventListener('changed', event => take(JSON.parse(event.data)));
  events.addEventListener('open', () => live());
  events.addEventListener('error', () => live('off', 'not connected'));
}

function live(kind, words) {
  $('live').className = kind || (state.recording ? 'on' : 'paused');
  $('live').textContent = words || (state.recording ? 'recording' : 'paused');
}

function take(news) {
  for (const exchange of news.exchanges) state.exchanges.set(exchange.n, exchange);
  while (state.exchanges.size > 2 * ROWS) state.exchanges.delete(state.exchanges.keys().next().value);
  state.recording = news.recording;
  $('pause').textContent = state.recording ? 'Pause' : 'Record';
  live();
  $('tunnels').replaceChildren(...news.tunnels.map(tunnel => el('a', { href: tunnel.url, target: '_blank', rel: 'noreferrer noopener', title: 'Tunnel ' + tunnel.name + ' is ' + tunnel.state }, tunnel.url)));
  later(list);
  const chosen = state.exchanges.get(state.chosen);
  if (chosen && news.exchanges.includes(chosen)) load();
}

let pending = new Set();
function later(action) {
  if (pending.has(action)) return;
  pending.add(action);
  requestAnimationFrame(() => { pending.delete(action); action(); });
}

function failed(exchange) {
  return exchange.state === 'reset' || exchange.state === 'cut';
}

function matches(exchange) {
  return state.filter.toLowerCase().split(/\s+/).filter(word => word).every(word => {
    if (/^[1-5]xx$/.test(word)) return String(exchange.status || '').startsWith(word[0]);
    if (/^[1-5][0-9][0-9]$/.test(word)) return String(exchange.status) === word;
    if (word === 'error') return failed(exchange) || exchange.status >= 400;
    return [exchange.method, exchange.target, exchange.kind, exchange.tunnel, exchange.transport, exchange.type || '', exchange.host]
      .some(text => text.toLowerCase().includes(word));
  });
}

function visible() {
  return [...state.exchanges.values()].filter(matches).sort((a, b) => b.n - a.n).slice(0, ROWS);
}

function list() {
  const shown = visible();
  const rows = $('rows');
  const old = new Map([...rows.children].map(row => [Number(row.dataset.n), row]));
  const wanted = shown.map(exchange => {
    const key = JSON.stringify(exchange);
    const present = old.get(exchange.n);
    const row = present && present.dataset.key === key ? present : makeRow(exchange, key);
    row.setAttribute('aria-selected', String(exchange.n === state.chosen));
    return row;
  });
  rows.replaceChildren(...wanted);
  $('nothing').hidden = shown.length > 0;
  $('nothing').textContent = state.exchanges.size ? 'No exchange matches the filter.' : 'Nothing yet. Visit one of the tunnels, and what passes appears here.';
}

function status(exchange) {
  if (exchange.status) return el('span', { class: 's' + String(exchange.status)[0] }, String(exchange.status));
  return el('span', { class: exchange.state === 'open' ? 'open' : 'bad' }, exchange.state === 'open' ? '…' : exchange.state);
}

function makeRow(exchange, key) {
  const tag = exchange.kind === 'websocket' ? exchange.messages + (exchange.messages === 1 ? ' message' : ' messages') : exchange.kind === 'events' ? 'events' : null;
  return el('tr', { 'data-n': exchange.n, 'data-key': key, role: 'option', id: 'row' + exchange.n, onclick: () => choose(exchange.n) },
    el('td', {}, el('span', { class: 'method' }, exchange.method)),
    el('td', { title: exchange.target }, exchange.target, tag ? el('span', { class: 'tag' }, tag) : null),
    el('td', {}, status(exchange), exchange.status && failed(exchange) ? el('span', { class: 'bad', title: exchange.state }, ' !') : null),
    el('td', { class: 'number' }, exchange.state === 'open' ? el('span', { class: 'open' }, 'open') : time(exchange.total)),
    el('td', { class: 'number' }, exchange.kind === 'websocket' ? '' : size(exchange.down)),
    el('td', {}, exchange.transport));
}

// --- one exchange

function choose(n) {
  if (state.chosen !== n) Object.assign(state, { revealed: false, bodies: {}, detail: null });
  state.chosen = n;
  list();
  const row = $('row' + n);
  if (row) row.scrollIntoView({ block: 'nearest' });
  $('list').setAttribute('aria-activedescendant', 'row' + n);
  state.loading = load();
}

async function load() {
  if (load.busy) { load.again = true; return; }
  load.busy = true;
  try {
    const n = state.chosen;
    const seen = state.detail && state.detail.n === n && state.detail.messageList.length ? state.detail.messagesFrom + state.detail.messageList.length : 0;
    const answer = await ask('api/exchanges/' + n + '?from=' + seen + (state.revealed ? '&reveal=1' : ''));
    const detail = await answer.json();
    if (n !== state.chosen) return;
    if (seen) {
      detail.messageList = state.detail.messageList.concat(detail.messageList).slice(-2000);
      detail.messagesFrom = Math.max(0, detail.messages - detail.messageList.length);
    }
    state.detail = detail;
    await bodies(n, detail);
    if (n === state.chosen) show();
  } catch (problem) {
    $('detail').replaceChildren(el('p', { class: 'empty' }, problem.message));
  } finally {
    load.busy = false;
    if (load.again) { load.again = false; load(); }
  }
}

async function bodies(n, detail) {
  for (const side of ['request', 'response']) {
    const body = detail[side] && detail[side].body;
    if (!body || !body.kept || (state.bodies[side] && state.bodies[side].kept === body.kept)) continue;
    const answer = await ask('api/exchanges/' + n + '/' + side + '-body');
    state.bodies[side] = { kept: body.kept, bytes: new Uint8Array(await answer.arrayBuffer()), type: answer.headers.get('Content-Type') || '' };
  }
}

function show() {
  const d = state.detail;
  const scroll = $('detail').scrollTop;
  const parts = [summary(d), phases(d)];
  if (d.messages) parts.push(messages(d));
  parts.push(side('Request', 'request', d));
  if (d.response) parts.push(side('Answer', 'response', d));
  $('detail').replaceChildren(...parts);
  $('detail').scrollTop = scroll;
}

function summary(d) {
  const masked = ['request', 'response'].some(name => d[name] && d[name].fields.some(field => field.masked));
  return el('div', { class: 'top' },
    el('h2', {}, d.method + ' ' + d.target),
    el('p', { class: 'facts' }, status(d), d.response ? ' ' + d.response.reason : '', ' · ' + new Date(d.started).toLocaleTimeString() + ' · ' + d.host + ' · tunnel ' + d.tunnel + ' over ' + d.transport),
    d.problem ? el('p', { class: 'problem' }, d.problem) : null,
    el('div', { class: 'actions' },
      d.kind === 'websocket' ? null : el('button', { type: 'button', class: 'primary', title: 'Send the request again (r)', onclick: replay }, 'Replay'),
      d.kind === 'websocket' ? null : el('button', { type: 'button', title: 'Edit it first (e)', onclick: edit }, 'Edit and replay'),
      el('button', { type: 'button', title: 'Copy as curl (c)', onclick: copy }, 'Copy as curl'),
      masked || state.revealed ? el('button', { type: 'button', title: 'Show or hide secrets (s)', onclick: reveal }, state.revealed ? 'Hide secrets' : 'Show secrets') : null));
}

function phases(d) {
  const sent = d.requestTime || 0;
  const answered = d.answerTime === undefined ? sent : Math.max(d.answerTime, 0);
  const total = d.total === undefined ? answered : d.total;
  const spans = [['Request', Math.min(sent, answered || sent)], ['Waiting', Math.max(0, answered - sent)], [d.kind === 'websocket' ? 'Open' : 'Content', Math.max(0, total - answered)]];
  const sum = spans.reduce((before, span) => before + span[1], 0) || 1;
  const bar = el('div', { class: 'phases', 'aria-hidden': 'true' }, ...spans.map((span, i) => {
    const piece = el('i', { class: 'p' + i });
    piece.style.flexGrow = String(span[1] / sum);
    return piece;
  }));
  return el('div', { class: 'part' }, el('h3', {}, 'Time'), bar,
    el('div', { class: 'legend' }, ...spans.map((span, i) => el('span', {}, el('i', { class: 'p' + i }), span[0] + ' ', el('b', {}, i === 2 && d.state === 'open' ? 'going on' : time(span[1])))),
      el('span', {}, 'Total ', el('b', {}, d.state === 'open' ? 'going on' : time(d.total)))));
}

function fields(list) {
  return el('dl', { class: 'fields' }, ...list.flatMap(field => [
    el('dt', {}, field.name),
    el('dd', {}, field.masked ? el('button', { type: 'button', class: 'masked', title: 'Show secrets (s)', onclick: reveal }, MASK) : field.value)]));
}

function query(target) {
  const mark = target.indexOf('?');
  if (mark < 0) return null;
  const decoded = text => { try { return decodeURIComponent(text.replace(/\+/g, ' ')); } catch (x) { return text; } };
  return target.slice(mark + 1).split('&').filter(pair => pair).map(pair => {
    const equal = pair.indexOf('=');
    return { name: decoded(equal < 0 ? pair : pair.slice(0, equal)), value: equal < 0 ? '' : decoded(pair.slice(equal + 1)) };
  });
}

function side(title, name, d) {
  const part = d[name];
  const parameters = name === 'request' ? query(d.target) : null;
  const children = [el('h3', {}, title, el('span', { class: 'tag' }, part.version)), fields(part.fields)];
  if (parameters && parameters.length) children.push(el('h3', {}, 'Query'), fields(parameters));
  if (part.body.size) children.push(el('h3', {}, 'Body', el('span', { class: 'tag' }, size(part.body.size) + (part.body.ended ? '' : ' so far'))), ...bodyView(name, d));
  if (part.body.trailers) children.push(el('h3', {}, 'Trailers'), fields(part.body.trailers));
  return el('div', { class: 'part' }, ...children);
}

function field(part, name) {
  const found = part.fields.find(one => one.name.toLowerCase() === name);
  return found ? found.value.toLowerCase() : '';
}

function bodyView(name, d) {
  const body = d[name].body;
  const loaded = state.bodies[name];
  if (!loaded) return [el('p', { class: 'note' }, body.kept ? 'Loading …' : 'Nothing of it was kept.')];
  const views = [];
  const type = field(d[name], 'content-type');
  if (loaded.type.startsWith('image/') && body.kept === body.size) {
    views.push(el('img', { class: 'image', alt: 'The body as an image', src: 'api/exchanges/' + d.n + '/' + name + '-body?kept=' + body.kept }));
  } else if (type.startsWith('text/event-stream')) {
    views.push(events(new TextDecoder().decode(loaded.bytes)));
  } else {
    views.push(rendered(loaded.bytes, type));
  }
  if (body.kept < body.size) views.push(el('p', { class: 'note' }, 'Only the first ' + size(body.kept) + ' of ' + size(body.size) + ' were kept.'));
  return views;
}

function text(bytes) {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\u0000-\u0008\u000e-\u001f]/.test(decoded) ? null : decoded;
  } catch (x) {
    return null;
  }
}

/** Text as text, JSON with colours, everything else as hex. A text that was cut within a character is text all the same. */
function rendered(bytes, type) {
  let decoded = text(bytes);
  for (let cut = 1; decoded === null && cut < 4 && bytes.length > cut; cut++) decoded = text(bytes.subarray(0, bytes.length - cut));
  if (decoded === null) return hex(bytes);
  if (/json/.test(type) || /^\s*[[{]/.test(decoded)) {
    try { return json(JSON.parse(decoded)); } catch (x) { /* as text, then */ }
  }
  const pre = el('pre', {}, decoded.slice(0, SHOWN_BYTES));
  if (decoded.length > SHOWN_BYTES) pre.append('\n… ' + (decoded.length - SHOWN_BYTES).toLocaleString() + ' more characters');
  return pre;
}

function json(value) {
  const pre = el('pre');
  const words = JSON.stringify(value, null, 2).slice(0, SHOWN_BYTES);
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;
  let at = 0;
  for (let found = pattern.exec(words); found; found = pattern.exec(words)) {
    pre.append(words.slice(at, found.index), el('span', { class: found[2] ? 'k' : found[1] ? 't' : 'f' }, found[1] || found[0]), found[2] || '');
    at = pattern.lastIndex;
  }
  pre.append(words.slice(at));
  return pre;
}

function hex(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 4096); at += 16) {
    const line = [...bytes.subarray(at, Math.min(at + 16, bytes.length))];
    lines.push(at.toString(16).padStart(6, '0') + '  ' + line.map(octet => octet.toString(16).padStart(2, '0')).join(' ').padEnd(48) + ' '
      + line.map(octet => octet > 31 && octet < 127 ? String.fromCharCode(octet) : '·').join(''));
  }
  if (bytes.length > 4096) lines.push('… ' + size(bytes.length - 4096) + ' more');
  return el('pre', {}, lines.join('\n'));
}

function events(stream) {
  const list = stream.split(/\r?\n\r?\n/).filter(block => block.trim()).slice(-500);
  return el('div', { class: 'messages' }, ...list.map(block => {
    const kind = (/^event: ?(.*)$/m.exec(block) || [null, 'message'])[1];
    const data = block.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5).replace(/^ /, '')).join('\n');
    return el('div', { class: 'message down' }, el('span', {}, '↓'), el('span', { class: 'at' }, kind), el('pre', {}, data || block));
  }));
}

function messages(d) {
  const kinds = { text: '', binary: 'binary', close: 'close', ping: 'ping', pong: 'pong' };
  const dropped = d.messages - d.messageList.length;
  return el('div', { class: 'part' }, el('h3', {}, 'Messages', el('span', { class: 'tag' }, String(d.messages))),
    dropped > 0 ? el('p', { class: 'note' }, 'The first ' + dropped + ' are not kept any more.') : null,
    el('div', { class: 'messages' }, ...d.messageList.slice(-500).reverse().map(message => {
      let content;
      if (message.kind === 'binary') content = hex(Uint8Array.from(atob(message.base64), c => c.charCodeAt(0)));
      else if (message.kind === 'close') content = el('pre', {}, message.code + (message.text ? ' ' + message.text : ''));
      else content = rendered(new TextEncoder().encode(message.text), '');
      return el('div', { class: 'message ' + message.direction },
        el('span', { title: message.direction === 'up' ? 'to the local service' : 'to the visitor' }, message.direction === 'up' ? '↑' : '↓'),
        el('span', { class: 'at' }, time(message.at), kinds[message.kind] ? el('span', { class: 'tag' }, kinds[message.kind]) : null),
        el('div', {}, content, message.whole ? null : el('p', { class: 'note' }, 'Not whole.')));
    })));
}

// --- actions

async function reveal() {
  if (!state.detail) return;
  state.revealed = !state.revealed;
  await load();
}

async function replay() {
  const chosen = state.exchanges.get(state.chosen);
  if (!chosen || chosen.kind === 'websocket') return;
  try {
    await ask('api/exchanges/' + state.chosen + '/replay', {});
    toast('Sent again');
  } catch (problem) {
    toast(problem.message);
  }
}

async function edit() {
  await state.loading;
  const d = state.detail;
  if (!d || d.kind === 'websocket') return;
  $('edit-method').value = d.method;
  $('edit-target').value = d.target;
  $('edit-fields').value = d.request.fields.map(one => one.name + ': ' + one.value).join('\n');
  const loaded = state.bodies.request;
  const decoded = loaded ? text(loaded.bytes) : '';
  $('edit-body').value = decoded === null ? '' : decoded;
  $('edit-body').disabled = decoded === null;
  edit.asItWas = decoded === null || decoded === '';
  $('edit-note').textContent = decoded === null ? '(not text: sent as it was)' : d.request.body.kept < d.request.body.size ? '(only its beginning was kept)' : '';
  $('edit-problem').textContent = '';
  $('edit').showModal();
  $('edit-target').focus();
}

async function sendEdited() {
  const wish = {
    method: $('edit-method').value.trim(),
    target: $('edit-target').value.trim(),
    fields: $('edit-fields').value.split('\n').filter(line => line.trim()).map(line => {
      const colon = line.indexOf(':');
      return { name: (colon < 0 ? line : line.slice(0, colon)).trim(), value: colon < 0 ? '' : line.slice(colon + 1).trim() };
    }),
  };
  if (!$('edit-body').disabled && !(edit.asItWas && $('edit-body').value === '')) {
    wish.body = btoa(Array.from(new TextEncoder().encode($('edit-body').value), octet => String.fromCharCode(octet)).join(''));
  }
  try {
    await ask('api/exchanges/' + state.chosen + '/replay', wish);
    $('edit').close();
    toast('Sent');
  } catch (problem) {
    $('edit-problem').textContent = problem.message;
  }
}

function quoted(words) {
  return "'" + words.replace(/'/g, "'\\''") + "'";
}

function curl(d) {
  const proto = (d.request.fields.find(one => one.name.toLowerCase() === 'x-forwarded-proto') || { value: 'http' }).value;
  const left = ['host', 'content-length', 'connection', 'transfer-encoding', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'forwarded'];
  const words = ['curl'];
  if (d.method === 'HEAD') words.push('--head');
  else if (d.method !== 'GET' || d.request.body.size) words.push('-X ' + quoted(d.method));
  words.push('--path-as-is ' + quoted(proto + '://' + d.host + d.target));
  for (const one of d.request.fields) {
    if (!left.includes(one.name.toLowerCase())) words.push('-H ' + quoted(one.name + ': ' + one.value));
  }
  const decoded = state.bodies.request ? text(state.bodies.request.bytes) : '';
  if (decoded) words.push('--data-binary ' + quoted(decoded));
  else if (decoded === null) words.push('--data-binary @body');
  return words.join(' \\\n  ');
}

async function copy() {
  await state.loading;
  if (!state.detail) return;
  const words = curl(state.detail);
  try {
    await navigator.clipboard.writeText(words);
    toast(words.includes(MASK) ? 'Copied, with secrets masked' : 'Copied');
  } catch (x) {
    toast('The browser does not allow copying');
  }
}

function move(step) {
  const shown = visible();
  if (!shown.length) return;
  const at = shown.findIndex(exchange => exchange.n === state.chosen);
  choose(shown[Math.max(0, Math.min(shown.length - 1, at < 0 ? 0 : at + step))].n);
}

async function pause() {
  await ask('api/recording', { on: !state.recording });
}

async function clear() {
  await ask('api/clear', {});
  state.exchanges.clear();
  Object.assign(state, { chosen: 0, detail: null, bodies: {} });
  $('detail').replaceChildren(el('p', { class: 'empty' }, 'Choose an exchange to see it.'));
  list();
}

function theme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', document.documentElement.dataset.theme);
}

const KEYS = {
  ArrowDown: () => move(1), j: () => move(1), ArrowUp: () => move(-1), k: () => move(-1), '/': () => $('filter').focus(), r: replay, e: edit, c: copy, s: reveal,
  p: pause, x: clear, t: theme, '?': () => $('help').showModal(),
};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.matches('input, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const action = KEYS[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
});

if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme');
$('filter').addEventListener('input', () => { state.filter = $('filter').value; list(); });
$('pause').addEventListener('click', pause);
$('clear').addEventListener('click', clear);
$('theme').addEventListener('click', theme);
$('keys').addEventListener('click', () => $('help').showModal());
$('edit-send').addEventListener('click', sendEdited);
$('edit-cancel').addEventListener('click', () => $('edit').close());
listen();
