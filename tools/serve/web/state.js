// The state: the tables of a projection at a tick, with the changed rows marked, and a scrubber that plays.

import {dot, el, number, plural, visible} from './dom.js';
import {ask, isAbort} from './api.js';
import {app, go, linkTo, showError} from './app.js';

let view = null;

export function cell(value) {
  if (value === null) return el('td', {class: 'soft'}, 'NULL');
  if (typeof value === 'object') {
    const text = value.text ?? `x'${value.blob}'`;
    return el('td', {}, visible(text.slice(0, 200)), '… ', el('span', {class: 'soft'}, plural(value.bytes, 'byte')));
  }
  const isNumber = typeof value === 'number' || /^-?\d{16,}$/.test(value);
  const text = visible(String(value));
  if (text.length <= 300) return el('td', {class: isNumber ? 'number' : null}, text);
  const box = el('td', {}, `${text.slice(0, 300)}… `);
  box.append(el('button', {type: 'button', onclick: () => { box.textContent = text; }}, 'all'));
  return box;
}

// A table of the state. Each changed row names the event that changed it.
export function stateTable(table, answer) {
  const cause = (row) => (row.change === undefined ? null : answer.causes?.[row.change]);
  const hasCauses = table.rows.some(cause);
  return el('section', {}, el('h3', {}, visible(table.name), el('span', {class: 'soft'}, ` ${plural(table.count, 'row')}`,
    table.compared ? `, ${number(table.changed)} changed, ${number(table.removed)} removed` : '')),
  el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table ${table.name}`}, el('table', {}, el('caption', {class: 'sr'}, visible(table.name)),
    el('thead', {}, el('tr', {}, table.compared ? el('th', {scope: 'col'}, 'mark') : null,
      table.columns.map((name) => el('th', {scope: 'col'}, visible(name))), hasCauses ? el('th', {scope: 'col'}, 'changed by') : null)),
    el('tbody', {}, table.rows.map((row) => el('tr', {class: row.mark || null}, table.compared ? el('td', {class: 'mark'}, row.mark) : null,
      row.cells.map(cell), hasCauses ? el('td', {}, cause(row) ? el('a', {href: linkTo({sel: cause(row).id, view: 'cascade'})}, dot(cause(row).type),
        `${visible(cause(row).type)} ${visible(cause(row).id)}`) : '') : null))))),
  table.rows.length < table.count && !table.compared ? el('p', {class: 'soft'}, `The first ${table.rows.length} rows.`) : null);
}

// The tables in which something changed, for other views.
export function changes(answer) {
  const changed = answer.tables.filter((table) => table.rows.length > 0);
  return changed.length ? changed.map((table) => stateTable(table, answer)) : [el('p', {class: 'soft'}, 'Nothing changed.')];
}

const newest = () => Number(app.run.last_tick ?? 0);
const oldest = () => Number(app.run.first_tick ?? 0);

function wanted(route) {
  const tick = route.tick === undefined ? newest() : Math.max(-1, Number(route.tick));
  const since = route.since === undefined ? tick - 1 : Number(route.since);
  return {tick, since, projection: route.projection ?? app.run.projections[0]};
}

async function read(route) {
  const mine = view;
  const {tick, since, projection} = wanted(route);
  view.slider.value = tick;
  view.tick.value = tick;
  view.reading?.abort();
  view.reading = new AbortController();
  try {
    const answer = await ask('state', {projection, tick, since: Math.max(-1, since), causes: view.playing ? null : 1, limit: 200,
      changed: route.changed}, view.reading.signal);
    if (view !== mine) return;
    view.tables.replaceChildren(...answer.tables.map((table) => stateTable(table, answer)));
    view.tables.dataset.tick = tick;
    view.took.textContent = `${answer.elapsed_ms} ms`;
  } catch (failure) {
    if (!isAbort(failure)) {
      stop();
      showError(view.tables, failure);
    }
  }
}

// Moves without adding a step for the back button.
function show(tick) {
  go({tick}, true);
  return read(app.route);
}

function stop() {
  view.playing = false;
  clearTimeout(view.timer);
  view.play.textContent = 'play';
  view.play.setAttribute('aria-pressed', 'false');
}

// The previous or next tick that has events.
async function neighbour(tick, forward) {
  const found = await ask('events', forward ? {from: tick + 1, limit: 1, data_max: 0} : {to: Math.max(1, tick), reverse: 1, limit: 1, data_max: 0});
  if (!forward && tick <= oldest()) return null;
  return found.events.length ? Number(found.events[0].tick) : null;
}

async function playOn() {
  const mine = view;
  const {tick} = wanted(app.route);
  const next = await neighbour(tick, true);
  if (view !== mine || !view.playing) return;
  if (next === null) {
    stop();
    return;
  }
  const started = performance.now();
  await show(next);
  if (view === mine && view.playing) view.timer = setTimeout(playOn, Math.max(0, 1000 / Number(view.speed.value) - (performance.now() - started)));
}

function togglePlay() {
  if (view.playing) {
    stop();
    show(wanted(app.route).tick);
    return;
  }
  view.playing = true;
  view.play.textContent = 'pause';
  view.play.setAttribute('aria-pressed', 'true');
  playOn().catch((failure) => showError(view.tables, failure));
}

export async function stepTick(forward) {
  const next = await neighbour(wanted(app.route).tick, forward);
  if (next !== null) go({tick: next});
}

function flags() {
  const span = Math.max(1, newest() - oldest());
  return el('div', {class: 'flags'}, app.run.save_points.slice(0, 50).map((save) => {
    const flag = el('button', {type: 'button', title: `${visible(save.name)}, tick ${number(save.tick)}`, onclick: () => go({tick: save.tick})}, `⚑ ${visible(save.name)}`);
    const share = Math.min(100, Math.max(0, (Number(save.tick) - oldest()) / span * 100));
    flag.style.left = `${share}%`;
    flag.style.transform = `translateX(-${share}%)`;
    return flag;
  }));
}

export function open(main, route) {
  if (app.run.projections.length === 0) {
    main.append(el('h2', {}, 'State'), el('p', {}, 'The state at a tick comes from a projection, a file of SQL: start with '),
      el('pre', {}, 'eventure serve DB --projection FILE'), el('p', {}, 'docs/projections.md tells how to write one.'));
    view = {tables: null};
    return;
  }
  const {tick} = wanted(route);
  view = {
    playing: false,
    tables: el('div', {id: 'tables'}), took: el('span', {class: 'soft'}),
    play: el('button', {type: 'button', id: 'play', class: 'main', 'aria-pressed': 'false', onclick: togglePlay}, 'play'),
    slider: el('input', {type: 'range', id: 'scrubber', min: oldest() - 1, max: newest(), value: tick, 'aria-label': 'Tick', oninput: (press) => show(press.target.value)}),
    tick: el('input', {type: 'number', id: 'tick', min: -1, value: tick, onchange: (press) => go({tick: press.target.value})}),
    speed: el('select', {id: 'speed'}, [1, 2, 5, 10, 25].map((n) => el('option', {value: n, selected: n === 10}, `${n} ticks/s`))),
  };
  const choose = el('select', {id: 'projection', onchange: (press) => go({projection: press.target.value})},
    app.run.projections.map((name) => el('option', {value: name, selected: name === route.projection}, visible(name))));
  const since = el('input', {type: 'number', id: 'since', min: -1, value: route.since ?? '', placeholder: 'tick before', onchange: (press) => go({since: press.target.value})});
  const only = el('input', {type: 'checkbox', id: 'only', checked: route.changed === '1', onchange: (press) => go({changed: press.target.checked ? 1 : null})});
  main.append(el('h2', {class: 'sr'}, 'State'), el('div', {class: 'tools'}, el('label', {for: 'projection'}, 'projection'), choose,
    el('button', {type: 'button', onclick: () => stepTick(false)}, '◂ step'), view.play, el('button', {type: 'button', onclick: () => stepTick(true)}, 'step ▸'),
    el('label', {for: 'speed', class: 'sr'}, 'Speed'), view.speed, el('label', {for: 'tick'}, 'tick'), view.tick,
    el('label', {for: 'since'}, 'compare with tick'), since, only, el('label', {for: 'only'}, 'changed rows only'), view.took),
  view.slider, flags(), view.tables);
  read(route);
}

export function close() {
  if (view.tables) stop();
}

export function update(route) {
  if (!view.tables) return;
  read(route);
}

export function news() {
  if (!view.tables) return;
  view.slider.max = newest();
  if (app.follows && !view.playing) show(newest());
}

export function key(name, target) {
  if (!view.tables || target.matches('button, select')) return false;
  if (name === ' ') togglePlay();
  else if ((name === 'ArrowLeft' || name === 'ArrowRight') && !target.matches('input')) stepTick(name === 'ArrowRight');
  else if (name === 'Home' || name === 'End') go({tick: name === 'Home' ? oldest() : newest()});
  else return false;
  return true;
}
