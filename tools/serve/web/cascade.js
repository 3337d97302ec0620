// The cascade: from an event up to its root, and down to its effects. The tree loads children when they are opened, a
// hundred at a time; a small cascade is drawn as a graph, too.

import {color, el, number, plural, svg, visible} from './dom.js';
import {ask} from './api.js';
import {app, go, linkTo, showError} from './app.js';
import {becauseList, eventLink, shortData, showEvent} from './event.js';

const PAGE = 100;
const GRAPH_MAX = 60;

let view = null;

// An item of the tree. Its children are requested when it is opened.
function item(event, parentTick) {
  const children = el('ul', {hidden: true});
  const fold = el('button', {type: 'button', class: 'fold', 'aria-expanded': 'false',
    'aria-label': `${plural(event.children, 'effect')} of ${visible(event.id)}`}, event.children > 0 ? '▸' : '·');
  const node = el('li', {class: parentTick !== null && event.tick > parentTick ? 'later' : null}, fold, eventLink(event),
    event.children > 0 ? el('span', {class: 'soft'}, ` ${number(event.children)}`) : null,
    parentTick !== null && event.tick > parentTick ? ` in tick ${number(event.tick)}` : null, ' ', el('code', {class: 'soft'}, shortData(event, 80)), children);
  if (event.id === app.route.sel) node.classList.add('differs');
  fold.disabled = event.children === 0;
  fold.addEventListener('click', () => toggle(event, fold, children));
  return {node, open: () => toggle(event, fold, children, true)};
}

async function toggle(event, fold, children, openOnly = false) {
  if (!children.hidden && !openOnly) {
    children.hidden = true;
    fold.textContent = '▸';
    fold.setAttribute('aria-expanded', 'false');
    return;
  }
  children.hidden = false;
  fold.textContent = '▾';
  fold.setAttribute('aria-expanded', 'true');
  if (children.childElementCount === 0 && event.children > 0) await loadMore(event, children, 0).catch((failure) => showError(children, failure));
}

async function loadMore(event, children, after) {
  const answer = await ask('children', {id: event.id, after, limit: PAGE}, app.leave.signal);
  children.append(...answer.events.map((child) => item(child, event.tick).node));
  if (!answer.more) return;
  const shown = children.childElementCount;
  const more = el('button', {type: 'button', onclick: () => {
    more.parentElement.remove();
    loadMore(event, children, answer.next).catch((failure) => showError(children, failure));
  }}, `${number(shown)} of ${number(answer.count)}: show ${number(Math.min(PAGE, answer.count - shown))} more`);
  children.append(el('li', {}, more));
}

// One column for each level, from left to right.
function graph(events) {
  const levels = new Map();
  const places = new Map();
  for (const event of events) {
    const level = levels.get(event.depth) ?? 0;
    levels.set(event.depth, level + 1);
    places.set(event.id, {x: 10 + event.depth * 190, y: 10 + level * 34, event});
  }
  const width = 200 + 190 * Math.max(...levels.keys());
  const height = 20 + 34 * Math.max(...levels.values());
  const lines = [];
  const boxes = [];
  for (const {x, y, event} of places.values()) {
    const cause = places.get(event.parent_id);
    if (cause) lines.push(svg('path', {d: `M${cause.x + 160} ${cause.y + 12} C${x - 15} ${cause.y + 12} ${x - 15} ${y + 12} ${x} ${y + 12}`}));
    const label = visible(event.type);
    boxes.push(svg('a', {href: linkTo({sel: event.id}), 'aria-label': `${label} ${visible(event.id)}`},
      svg('rect', {x, y, width: 160, height: 24, rx: 3, stroke: color(event.type), 'stroke-width': event.id === app.route.sel ? 3 : 1}),
      svg('text', {x: x + 6, y: y + 16}, label.length > 22 ? `${label.slice(0, 21)}…` : label)));
  }
  return el('div', {class: 'graph', tabindex: 0, role: 'region', 'aria-label': 'Cascade as a graph'},
    svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Graph'}, ...lines, ...boxes));
}

async function drawTree(rootId) {
  const root = await ask('event', {id: rootId}, app.leave.signal);
  const top = item(root, null);
  view.tree.replaceChildren(el('ul', {class: 'tree'}, top.node));
  await top.open();
}

async function drawGraph(id) {
  const answer = await ask('cascade', {id, limit: GRAPH_MAX}, app.leave.signal);
  view.graph.replaceChildren(answer.more || answer.events.length < 2 ? '' : graph(answer.events));
}

async function drawCount(id) {
  const answer = await ask('cascade', {id, limit: 1, count: 1}, app.leave.signal);
  view.count.textContent = `${plural(answer.count, 'event')} in all`;
}

async function drawAround(id) {
  const up = await ask('ancestors', {id, limit: 100}, app.leave.signal);
  const from = app.route.top === 'event' ? id : up.root ?? id;
  view.because.replaceChildren(el('h2', {}, 'Because'), up.events.length ? becauseList(up.events)
    : el('p', {class: 'soft'}, 'It has no cause in this store: it is the root.'),
  up.more ? el('p', {}, `… ${number(up.depth)} steps up to the root`) : '');
  view.from.replaceChildren(el('button', {type: 'button', 'aria-pressed': app.route.top !== 'event', onclick: () => go({top: null})}, 'from the root'),
    el('button', {type: 'button', 'aria-pressed': app.route.top === 'event', onclick: () => go({top: 'event'})}, 'from this event'), view.count);
  if (view.shown === from) {
    for (const node of view.tree.querySelectorAll('.differs')) node.classList.remove('differs');
    return;
  }
  view.shown = from;
  view.count.textContent = '';
  await drawTree(from);
  await Promise.all([drawGraph(from), drawCount(from)]);
}

export function open(main, route) {
  view = {because: el('section'), from: el('div', {class: 'tools'}), tree: el('div', {id: 'tree'}), graph: el('div'),
    count: el('span', {class: 'soft', id: 'cascade-count'}), right: el('section', {'aria-label': 'Selected event', id: 'event'}), shown: null};
  main.append(el('div', {class: 'split'}, el('div', {}, view.because, el('h2', {}, 'Cascade'), view.from, view.tree, view.graph), view.right));
  update(route);
}

export async function update(route) {
  if (!route.sel) {
    view.because.replaceChildren(el('p', {}, 'Select an event first: click one in the timeline, or search for its id.'));
    const first = app.run.events ? await ask('event', {seq: app.run.first_seq}) : null;
    if (first) view.because.append(el('p', {}, 'Or begin with the first event: ', eventLink(first)));
    return;
  }
  showEvent(view.right, route.sel);
  drawAround(route.sel).catch((failure) => showError(view.because, failure));
}
