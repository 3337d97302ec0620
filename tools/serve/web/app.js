// The frame: tabs, header, search, keyboard, live updates, and the address, which contains the complete view.

import {byId, el, number, plural, say, visible} from './dom.js';
import {address, ask, isAbort} from './api.js';
import * as overview from './overview.js';
import * as timeline from './timeline.js';
import * as cascade from './cascade.js';
import * as state from './state.js';
import * as compare from './compare.js';
import * as sql from './sql.js';
import * as search from './search.js';

const views = {overview, timeline, cascade, state, compare, sql, search};
const titles = {overview: 'Overview', timeline: 'Timeline', cascade: 'Cascade', state: 'State', compare: 'Compare', sql: 'SQL'};

// The state that all views share.
export const app = {
  run: null,      // the answer to /api/overview
  route: {},      // what the address says
  follows: false, // live: stay at the end
  view: null,
  leave: new AbortController(), // ends the questions of a view that was left
  types: null,                  // a promise of the types with their counts
};

export function linkTo(changes, route = app.route) {
  const next = {...route, ...changes};
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(next))
    if (value !== undefined && value !== null && value !== '') query.set(name, value);
  return `#${query}`;
}

// Applies the changes to the view. `quietly` adds no step for the back button, for instance while the wheel turns.
export function go(changes, quietly = false) {
  const link = linkTo(changes, readRoute()); // the address may have changed since it was shown
  if (link === location.hash) return;
  if (quietly) {
    history.replaceState(null, '', link);
    app.route = readRoute();
  } else location.hash = link;
}

export function select(id, changes = {}) {
  go({sel: id, ...changes});
}

function readRoute() {
  const route = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (!views[route.view]) route.view = app.run?.against && !route.view ? 'compare' : 'timeline';
  return route;
}

export function showError(where, failure) {
  if (isAbort(failure)) return;
  where.replaceChildren(el('p', {class: 'error', role: 'alert'}, visible(failure.message)));
}

export function types() {
  app.types ??= ask('types').catch((failure) => {
    app.types = null;
    throw failure;
  });
  return app.types;
}

function problem(text) {
  byId('problem').hidden = !text;
  byId('problem').textContent = text ? visible(text) : '';
}

function drawTabs() {
  const names = Object.keys(titles).filter((name) => name !== 'compare' || app.run?.against);
  byId('tabs').replaceChildren(...names.map((name) => el('a', {
    href: linkTo({view: name}), 'aria-current': name === app.route.view ? 'page' : null,
  }, titles[name])));
}

function drawHeader() {
  const run = app.run;
  byId('run').textContent = visible(run.name);
  byId('figures').textContent = run.events === 0 ? 'no events yet'
    : `${plural(run.events, 'event')} · ticks ${number(run.first_tick)}..${number(run.last_tick)}`;
  document.title = `${run.name} – Eventure`;
}

function show() {
  const before = app.view;
  app.route = readRoute();
  const view = views[app.route.view];
  drawTabs();
  if (before === view) {
    view.update(app.route);
    return;
  }
  before?.close?.();
  app.leave.abort();
  app.leave = new AbortController();
  app.view = view;
  byId('main').replaceChildren();
  view.open(byId('main'), app.route);
}

async function readOverview() {
  app.run = await ask('overview');
  drawHeader();
}

// Live: a message for each commit. New events are shown at once when the view follows the end, else they are offered.
let seen = 0;

function drawNews() {
  const count = app.run.last_seq - seen;
  byId('news').hidden = app.follows || count <= 0;
  byId('news').textContent = `show ${plural(count, 'new event')}`;
}

function takeNews() {
  const first = seen;
  seen = app.run.last_seq;
  app.types = null;
  drawNews();
  app.view.news?.(first);
}

function setFollows(on) {
  app.follows = on;
  byId('live').setAttribute('aria-pressed', on);
  byId('live').textContent = on ? 'live: on' : 'live: off';
  if (on) takeNews();
}

let refresh = null;

async function onCommit(message) {
  const place = JSON.parse(message.data);
  if (place.uuid !== app.run.uuid) {
    problem('Another history is in the place of this store: load the page again to see it.');
    return;
  }
  problem('');
  app.run.last_seq = place.last_seq;
  drawNews();
  if (refresh !== null) return;
  refresh = setTimeout(async () => {
    refresh = null;
    try {
      await readOverview();
      if (app.follows) takeNews();
      else drawNews();
    } catch (failure) {
      problem(failure.message);
    }
  }, 30);
}

// A page in the background does not listen, because a browser has at most six connections to a server for all pages.
function listenWhileVisible() {
  let source = document.hidden ? null : listen();
  document.addEventListener('visibilitychange', () => {
    source?.close();
    source = document.hidden ? null : listen();
  });
}

function listen() {
  const source = new EventSource(address('live'));
  let failures = 0;
  source.onmessage = (message) => {
    failures = 0;
    onCommit(message);
  };
  source.addEventListener('problem', (message) => {
    const what = JSON.parse(message.data);
    problem({
      replaced: 'Another file is in the place of this store: load the page again to see it.',
      gone: 'The store is not there any more. What is shown was read before.',
    }[what.code] ?? `${what.message}. eventure verify tells what is wrong with the store.`);
  });
  source.onerror = () => {
    if (++failures > 1) problem('The server does not answer. Start eventure serve again, and open its new link.');
  };
  return source;
}

const keys = [
  ['← →', 'move in time (in a list: between events)'], ['+ −', 'zoom'], ['Home End', 'first and last tick'],
  ['[ ]', 'one tick back, one tick on'], ['↑ ↓', 'event before, event after'], ['u', 'up to the cause'],
  ['d', 'down to the first effect'], ['w', 'why did this happen: the cascade of the event'], ['/', 'search'],
  ['space', 'play and pause the state'], ['L', 'live: follow the end'], ['1 … 6', 'views'], ['?', 'this help'],
];

async function step(kind) {
  const id = app.route.sel;
  if (!id) return;
  const event = await ask('event', {id});
  if (kind === 'u' && event.parent_id) select(event.parent_id);
  if (kind === 'd' && event.children > 0) select((await ask('children', {id, limit: 1})).events[0].id);
  if (kind === 'w') go({view: 'cascade'});
  if (kind === 'ArrowUp' || kind === 'ArrowDown') {
    const seq = event.seq + (kind === 'ArrowUp' ? -1 : 1);
    if (seq >= app.run.first_seq && seq <= app.run.last_seq) select((await ask('event', {seq})).id);
  }
}

// Moves to the previous or next tick that has events.
async function stepTick(forward) {
  if (app.view.stepTick) {
    app.view.stepTick(forward);
    return;
  }
  const event = app.route.sel ? await ask('event', {id: app.route.sel}) : await ask('event', {seq: app.run.first_seq});
  const seq = forward ? event.tick_last_seq + 1 : event.tick_first_seq - 1;
  if (seq < app.run.first_seq || seq > app.run.last_seq) return;
  select((await ask('event', {seq})).id);
}

function onKey(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return;
  const target = press.target;
  if (target.matches('input:not([type=range]), textarea, select') || byId('sheet').open) return;
  const key = press.key;
  const names = Object.keys(titles);
  let used = true;
  if (key === '?') byId('sheet').showModal();
  else if (key === '/') byId('query').focus();
  else if (key >= '1' && key <= String(names.length)) go({view: names[key - 1]});
  else if (key === 'l' || key === 'L') setFollows(!app.follows);
  else if (key === '[' || key === ']') stepTick(key === ']').catch((failure) => say(failure.message));
  else if (['u', 'd', 'w', 'ArrowUp', 'ArrowDown'].includes(key) && !target.matches('input, summary'))
    step(key).catch((failure) => say(failure.message));
  else used = app.view.key?.(key, target) ?? false;
  if (used) press.preventDefault();
}

// A search for a tick, an id or a time moves there at once. Any other text is a search in the events.
async function find(text) {
  if (/^\d{1,19}$/.test(text)) {
    go({view: app.route.view === 'state' ? 'state' : 'timeline', tick: text, at: text});
    return;
  }
  try {
    const event = await ask('event', {id: text});
    select(event.id, {view: app.route.view === 'search' ? 'timeline' : app.route.view});
    return;
  } catch (failure) {
    if (failure.code !== 'not-found') throw failure;
  }
  go({view: 'search', q: text});
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  app.view?.update?.(app.route);
}

function toggleTheme() {
  const now = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const next = now === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem('eventure-theme', next);
  } catch { /* a browser may refuse to keep it */ }
  setTheme(next);
}

function prepare() {
  for (const [key, what] of keys) byId('keys').append(el('dt', {}, key), el('dd', {}, what));
  byId('help').addEventListener('click', () => byId('sheet').showModal());
  byId('theme').addEventListener('click', toggleTheme);
  byId('live').addEventListener('click', () => setFollows(!app.follows));
  byId('news').addEventListener('click', takeNews);
  byId('skip').addEventListener('click', (press) => {
    press.preventDefault();
    byId('main').focus();
  });
  byId('search').addEventListener('submit', (press) => {
    press.preventDefault();
    const text = byId('query').value.trim();
    if (text) find(text).catch((failure) => problem(failure.message));
  });
  addEventListener('keydown', onKey);
  addEventListener('hashchange', show);
  try {
    setTheme(localStorage.getItem('eventure-theme'));
  } catch { /* likewise */ }
}

async function start() {
  prepare();
  try {
    await readOverview();
  } catch (failure) {
    problem(failure.message);
    byId('main').replaceChildren(el('p', {}, failure.code === 'damaged' || failure.code === 'gone'
      ? 'The store cannot be read. eventure verify tells what is wrong, eventure repair saves what is left.'
      : 'Open the link that eventure serve printed.'));
    return;
  }
  seen = app.run.last_seq;
  show();
  listenWhileVisible();
}

start();
