// Two runs: the first difference, both sides of its tick, the causes up to the common one, and the state.

import {dot, el, number, plural, pretty, visible} from './dom.js';
import {ask} from './api.js';
import {app, go, showError} from './app.js';
import {stateTable} from './state.js';
import {shortData} from './event.js';

const PER_TICK = 1000;

let view = null;

const isSame = (a, b) => a && b && a.id === b.id && a.type === b.type && a.data === b.data && a.parent_id === b.parent_id;

// Returns the members that differ between two data objects, by their paths.
function members(text) {
  const out = new Map();
  const walk = (value, path) => {
    if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value)) walk(inner, path ? `${path}.${name}` : name);
    else out.set(path, JSON.stringify(value));
  };
  try {
    walk(JSON.parse(text), '');
  } catch {
    out.set('data', text);
  }
  return out;
}

function differences(a, b) {
  const left = members(a.data);
  const right = members(b.data);
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
  const rows = ['type', 'id', 'parent_id', 'tick'].filter((name) => a[name] !== b[name]).map((name) => [name, a[name], b[name]])
    .concat(names.map((name) => [`data.${name}`, left.get(name), right.get(name)]));
  if (rows.length === 0) rows.push(['data, as it is spelled', a.data, b.data]);
  return el('table', {id: 'members'}, el('caption', {class: 'sr'}, 'Members that differ'),
    el('thead', {}, el('tr', {}, ['member', app.run.name, app.run.against].map((name) => el('th', {scope: 'col'}, visible(name))))),
    el('tbody', {}, rows.map((row) => el('tr', {class: 'changed'}, row.map((value) => el('td', {}, value === undefined || value === null ? '–' : visible(String(value))))))));
}

function eventBox(event, name) {
  if (!event) return el('div', {}, el('h3', {}, visible(name)), el('p', {}, 'has no event here: it ends before.'));
  return el('div', {}, el('h3', {}, visible(name)), el('p', {class: 'event'}, dot(event.type), visible(event.type), ' ', el('code', {}, visible(event.id)), ` tick ${number(event.tick)}`),
    el('pre', {tabindex: 0, 'aria-label': `Data in ${name}`}, visible(pretty(event.data))));
}

// The causes of both sides, from the nearest one up to the first common one.
function causes(a, b) {
  if (!a || !b) return null;
  const common = a.causes.find((cause) => b.causes.some((other) => isSame(cause, other)));
  const side = (event, name) => el('div', {}, el('h3', {}, visible(name)), el('ol', {class: 'because'}, event.causes.slice(0, common
    ? event.causes.findIndex((cause) => cause.id === common.id) : undefined).map((cause) => el('li', {}, 'because ', dot(cause.type), `${visible(cause.type)} `, el('code', {}, visible(cause.id))))));
  return el('section', {}, el('h2', {}, 'Causes'), el('div', {class: 'sides'}, side(a, app.run.name), side(b, app.run.against)),
    common ? el('p', {id: 'common'}, 'Both: because ', dot(common.type), `${visible(common.type)} `, el('code', {}, visible(common.id)), ' ', el('span', {class: 'soft'}, shortData(common)))
      : el('p', {}, 'There is no common cause.'));
}

// The events of the tick side by side; runs of equal events are collapsed.
function tickTable(left, right) {
  const byId = new Map(right.map((event) => [event.id, event]));
  const rows = left.map((event) => [event, byId.get(event.id)]);
  const ids = new Set(left.map((event) => event.id));
  rows.push(...right.filter((event) => !ids.has(event.id)).map((event) => [undefined, event]));
  const out = [];
  let same = 0;
  const fold = () => {
    if (same > 0) out.push(el('tr', {class: 'same'}, el('td', {colspan: 3}, `${plural(same, 'equal event')}`)));
    same = 0;
  };
  for (const [a, b] of rows) {
    if (isSame(a, b)) {
      same++;
      continue;
    }
    fold();
    const mark = !a ? 'added' : !b ? 'removed' : 'changed';
    const text = (event) => (event ? el('td', {}, dot(event.type), `${visible(event.type)} ${visible(event.id)} ${shortData(event)}`) : el('td', {}, 'missing'));
    out.push(el('tr', {class: mark === 'changed' ? 'changed' : null}, el('td', {class: 'mark'}, mark === 'added' ? `only in ${visible(app.run.against)}` : mark === 'removed' ? `only in ${visible(app.run.name)}` : 'differs'), text(a), text(b)));
  }
  fold();
  return el('div', {class: 'scroll'}, el('table', {id: 'sides'}, el('caption', {class: 'sr'}, 'Events of the tick in both runs'),
    el('thead', {}, el('tr', {}, ['difference', app.run.name, app.run.against].map((name) => el('th', {scope: 'col'}, visible(name))))), el('tbody', {}, out)));
}

async function drawTick(tick, where) {
  const range = {from: tick, to: tick + 1, limit: PER_TICK, data_max: 4096};
  const [left, right] = await Promise.all(['a', 'b'].map((store) => ask('events', {...range, store}, app.leave.signal)));
  where.replaceChildren(el('h2', {}, `Tick ${number(tick)}`), tickTable(left.events, right.events),
    left.next || right.next ? el('p', {}, `The first ${PER_TICK} events of the tick.`) : '');
}

async function drawState(tick, where) {
  if (app.run.projections.length === 0) return;
  const answer = await ask('state', {projection: app.route.projection, tick, against: 1, changed: 1, limit: 100}, app.leave.signal);
  const changed = answer.tables.filter((table) => table.rows.length > 0);
  where.replaceChildren(el('h2', {}, `State after tick ${number(tick)}`), el('p', {class: 'soft'}, `“added” and “changed” rows are those of ${visible(app.run.name)}; “removed” ones are only in ${visible(app.run.against)}, or have another value there.`),
    ...(changed.length ? changed.map((table) => stateTable(table, answer)) : [el('p', {}, 'The states are equal.')]));
}

async function findNext(after) {
  for (;;) {
    const answer = await ask('diff', {after}, app.leave.signal);
    if (!answer.partial) return answer;
    view.head.textContent = `Equal up to tick ${number(answer.reached)}; looking on …`;
    after = answer.reached;
  }
}

async function read(route) {
  view.head.textContent = 'Comparing …';
  const answer = route.after === undefined ? await ask('diff', {}, app.leave.signal) : await findNext(Number(route.after));
  if (!answer.differ) {
    view.head.textContent = route.after === undefined ? `The runs are equal: ${plural(answer.common_seq, 'event')}.` : `No difference after tick ${number(route.after)}.`;
    view.body.replaceChildren();
    return;
  }
  view.head.textContent = route.after === undefined
    ? `The runs differ first in tick ${number(answer.tick)}, after ${plural(answer.common_seq, 'equal event')}.`
    : `The next tick that differs after ${number(route.after)} is ${number(answer.tick)}.`;
  const tick = el('section');
  const state = el('section');
  view.body.replaceChildren(el('div', {class: 'tools'},
    el('button', {type: 'button', onclick: () => go({after: null}), disabled: route.after === undefined}, 'first difference'),
    el('button', {type: 'button', id: 'next-difference', class: 'main', onclick: () => go({after: answer.tick})}, 'next difference')),
  answer.a && answer.b ? differences(answer.a, answer.b) : '',
  el('div', {class: 'sides'}, eventBox(answer.a, app.run.name), eventBox(answer.b, app.run.against)), causes(answer.a, answer.b) ?? '', tick, state);
  await Promise.all([drawTick(answer.tick, tick), drawState(answer.tick, state).catch((failure) => showError(state, failure))]);
}

export function open(main, route) {
  view = {head: el('h2', {id: 'difference', 'aria-live': 'polite'}), body: el('div')};
  main.append(view.head, view.body);
  update(route);
}

export function update(route) {
  read(route).catch((failure) => {
    view.head.textContent = 'Compare';
    showError(view.body, failure);
  });
}

export const stepTick = (forward) => {
  if (forward) document.getElementById('next-difference')?.click();
};
