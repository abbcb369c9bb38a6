'use strict';

const SVG = 'http://www.w3.org/2000/svg';
const element = id => document.getElementById(id);

function count(n) {
  return n >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString('en') : n.toFixed(1);
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return (unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)) + ' ' + units[unit];
}

function shape(name, classes, attributes) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute('class', classes);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Draws series over the same time, the newest at the right; returns the largest value. */
function plot(id, all, samples) {
  const top = Math.max(...all.flatMap(([points]) => points), 0);
  const scale = top > 0 ? 92 / top : 0;
  const svg = element(id);
  const parts = [0, 50, 100].map(y => shape('line', 'grid', {x1: 0, x2: samples - 1, y1: y, y2: y}));
  for (const [points, colour] of all) {
    if (points.length === 0) continue;
    const from = samples - points.length;
    const path = points.map((value, i) => `${from + i},${(100 - value * scale).toFixed(2)}`).join(' ');
    parts.push(shape('polygon', 'area ' + colour, {points: `${from},100 ${path} ${samples - 1},100`}));
    parts.push(shape('polyline', 'line ' + colour, {points: path}));
  }
  svg.setAttribute('viewBox', `0 -2 ${samples - 1} 104`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.replaceChildren(...parts);
  return top;
}

function cell(text, classes) {
  const td = document.createElement('td');
  td.textContent = text;
  if (classes) td.className = classes;
  return td;
}

function row(...cells) {
  const tr = document.createElement('tr');
  tr.append(...cells);
  return tr;
}

function link(name, url) {
  const td = document.createElement('td');
  const a = document.createElement('a');
  a.textContent = name;
  a.title = url;
  if (/^https?:/.test(url)) a.href = url;
  a.rel = 'noreferrer';
  a.target = '_blank';
  td.append(a);
  return td;
}

const last = points => points.length ? points[points.length - 1] : 0;

function show(now) {
  const {series, samples} = now;
  element('agents').textContent = count(now.agents);
  element('tunnels').textContent = count(now.tunnels);
  element('streams').textContent = count(now.streams);
  element('rate').textContent = count(last(series.requests));
  element('up').textContent = size(last(series.up));
  element('down').textContent = size(last(series.down));
  element('requests-top').textContent = 'most ' + count(plot('plot-requests', [[series.requests, 'c-accent']], samples)) + ' /s';
  element('bytes-top').textContent = 'most ' + size(plot('plot-bytes', [[series.up, 'c-accent'], [series.down, 'c-good']], samples)) + '/s';
  element('streams-top').textContent = 'most ' + count(plot('plot-streams', [[series.streams, 'c-moved']], samples));
  element('errors-top').textContent = 'most ' + count(plot('plot-errors', [[series.errors, 'c-bad']], samples)) + ' /s';

  const rows = now.rows.map(t => row(link(t.name, t.url), cell(t.transport || '–'), cell(count(t.streams), 'number'),
    cell(count(t.requests), 'number'), cell(size(t.bytes_up), 'number'), cell(size(t.bytes_down), 'number')));
  if (now.tunnels > now.rows.length) rows.push(row(cell(`and ${now.tunnels - now.rows.length} more`)));
  const focused = document.activeElement && document.activeElement.title;
  element('rows').replaceChildren(...rows);
  if (focused) [...document.querySelectorAll('#rows a')].find(a => a.title === focused)?.focus();
  element('nothing').hidden = rows.length > 0;

  element('answers').replaceChildren(...Object.entries(now.requests).filter(([status, n]) => n > 0 || status === '2xx')
    .map(([status, n]) => row(cell(status === 'none' ? 'cut off' : status, status === 'none' ? 'bad' : 's' + status[0]), cell(count(n), 'number'))));
  const errors = Object.entries(now.errors).sort((a, b) => b[1] - a[1]);
  element('errors').replaceChildren(...errors.map(([code, n]) => row(cell(code), cell(count(n), 'number'))));
  element('faultless').hidden = errors.length > 0;
}

async function look() {
  const live = element('live');
  let period = 2000;
  try {
    const answer = await fetch('overview.json', {cache: 'no-store'});
    if (!answer.ok) throw new Error(answer.status);
    const now = await answer.json();
    period = now.period_ms;
    show(now);
    live.className = 'on';
    live.textContent = 'live';
  } catch (problem) {
    live.className = 'off';
    live.textContent = 'the relay does not answer';
  }
  setTimeout(look, period);
}

function turn() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
}

element('theme').addEventListener('click', turn);
document.addEventListener('keydown', event => {
  if (event.key === 't' && !event.ctrlKey && !event.metaKey && !event.altKey) turn();
});
look();
