// The timeline: the density of all events, a lane for each family of types, and single events when they fit.
// The visible window is [from, to), in ticks, or in seqs when the axis is the order of the events. The address has
// it, with the axis, the open lane, and the selected event.

import {byId, color, el, family, number, plural, say, visible} from './dom.js';
import {ask, isAbort} from './api.js';
import {app, go, select, showError, types} from './app.js';
import {BINS, Tiles} from './tiles.js';
import {EventList} from './list.js';
import {showEvent} from './event.js';

const STRIP = 46;
const LANE = 34;
const AXIS = 18;
const LABEL = 130;
const LANES_MAX = 12;
const SINGLE_MAX = 300; // so many events are shown one by one

let view = null; // what is shown, while the timeline is

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

function fullRange(axis) {
  const run = app.run;
  if (run.events === 0) return {from: 0, to: 1};
  return axis === 'seq' ? {from: run.first_seq, to: run.last_seq + 1} : {from: Number(run.first_tick), to: Number(run.last_tick) + 1};
}

// Ticks that JavaScript would round cannot be drawn exactly: then only the order is available.
const hasLargeTicks = () => typeof app.run.last_tick === 'string';

function readWindow(route) {
  const axis = route.axis === 'seq' || hasLargeTicks() ? 'seq' : 'tick';
  const full = fullRange(axis);
  let from = Number(route.from ?? full.from);
  let to = Number(route.to ?? full.to);
  if (!(to > from)) ({from, to} = full);
  return {axis, from, to, full};
}

function lanesOf(answer, opened) {
  const counts = new Map();
  const all = answer.types;
  const inside = opened ? all.filter((one) => family(one.type) === opened) : all;
  const families = new Set(inside.map((one) => family(one.type)));
  const byType = opened || families.size === 1;
  for (const one of inside) {
    const name = byType ? one.type : family(one.type);
    const lane = counts.get(name) ?? {name, patterns: new Set(), count: 0};
    lane.count += one.count;
    lane.patterns.add(byType || one.type === name ? one.type : `${name}.*`);
    counts.set(name, lane);
  }
  const lanes = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, LANES_MAX);
  const errors = all.filter((one) => one.type.endsWith('.error'));
  if (!opened && errors.length > 0)
    lanes.unshift({name: '*.error', patterns: new Set(['*.error']), count: errors.reduce((sum, one) => sum + one.count, 0)});
  return {lanes, left: counts.size - Math.min(counts.size, LANES_MAX), byType};
}

// Convert a unit of the axis to its position in pixels, and back.
const xOf = (unit) => LABEL + (unit - view.from) / (view.to - view.from) * (view.width - LABEL);
const unitOf = (x) => view.from + (x - LABEL) / (view.width - LABEL) * (view.to - view.from);

function levelOf() {
  return Math.max(0, Math.ceil(Math.log2((view.to - view.from) / Math.max(50, view.width - LABEL))));
}

function setWindow(from, to, quietly = true) {
  const {full} = view;
  let span = Math.max(1, Math.min(to - from, full.to - full.from));
  from = Math.max(full.from, Math.min(from, full.to - span));
  to = from + span;
  if (from === view.from && to === view.to) return;
  view.from = from;
  view.to = to;
  requestDraw();
  clearTimeout(view.settle);
  view.settle = setTimeout(() => {
    go({from: Math.floor(from), to: Math.ceil(to), at: null}, quietly);
  }, 200);
}

function zoom(factor, around = (view.from + view.to) / 2) {
  const span = Math.max(1, (view.to - view.from) * factor);
  const share = (around - view.from) / (view.to - view.from);
  setWindow(around - share * span, around - share * span + span);
}

function requestDraw() {
  if (!view || view.frame) return;
  view.frame = requestAnimationFrame(() => {
    if (!view) return;
    view.frame = 0;
    draw();
  });
}

// Adds the counts of a tile to `counts`, whose first bin has the number `first`. Until the exact counts have arrived,
// uses those of a wider bin. Returns whether the counts are exact.
function addTile(patterns, level, tile, first, counts) {
  const parts = patterns.map((pattern) => view.tiles.get(pattern, view.axis, level, tile));
  const isExact = parts.every((part) => part);
  const begin = Math.max(0, tile * BINS - first);
  const end = Math.min(counts.length, (tile + 1) * BINS - first);
  if (isExact) {
    for (const part of parts)
      for (let i = begin; i < end; i++) counts[i] += part[first + i - tile * BINS];
    return true;
  }
  for (let up = 1; up <= 8; up++) {
    const scale = 2 ** up;
    const index = Math.floor(tile / scale);
    const wide = patterns.map((pattern) => view.tiles.get(pattern, view.axis, level + up, index));
    if (!wide.every((part) => part)) continue;
    for (const part of wide)
      for (let i = begin; i < end; i++) counts[i] += part[Math.floor((first + i) / scale) - index * BINS] / scale;
    break;
  }
  return false;
}

// The bars of a lane, pale where they are not exact, on whole pixels, which are drawn fastest. Adds the tiles that they
// need to `wanted`. Returns whether all are exact.
function bars(context, lane, y, fill, wanted) {
  const level = levelOf();
  const width = 2 ** level;
  const first = Math.floor(view.from / width);
  const counts = new Float64Array(Math.ceil(view.to / width) - first);
  const patterns = lane ? [...lane.patterns] : [null];
  const pale = new Set();
  for (let tile = Math.floor(first / BINS); tile * BINS < first + counts.length; tile++) {
    for (const pattern of patterns) wanted.push({lane: pattern, axis: view.axis, level, index: tile});
    if (!addTile(patterns, level, tile, first, counts)) pale.add(tile);
  }
  const most = Math.log1p(counts.reduce((a, b) => Math.max(a, b), 1));
  context.fillStyle = fill;
  counts.forEach((count, i) => {
    if (count === 0) return;
    const left = Math.max(LABEL, Math.round(xOf((first + i) * width)));
    const right = Math.min(view.width, Math.round(xOf((first + i + 1) * width)));
    const tall = Math.max(2, Math.round(Math.log1p(count) / most * (LANE - 4)));
    context.globalAlpha = pale.has(Math.floor((first + i) / BINS)) ? 0.3 : 1;
    if (left < view.width) context.fillRect(left, y + LANE - 1 - tall, Math.max(1, right - left - (right - left > 3 ? 1 : 0)), tall);
  });
  context.globalAlpha = 1;
  return pale.size === 0;
}

function drawStrip(context) {
  const {full} = view;
  const wide = view.width - LABEL;
  context.fillStyle = style('--soft');
  context.fillText('whole run', 4, 16);
  if (view.strip) {
    const most = Math.max(1, ...view.strip);
    view.strip.forEach((count, i) => {
      if (count === 0) return;
      const tall = Math.max(1, Math.round(Math.log1p(count) / Math.log1p(most) * (STRIP - 12)));
      const left = Math.round(LABEL + i / view.strip.length * wide);
      const right = Math.round(LABEL + (i + 1) / view.strip.length * wide);
      context.fillRect(left, STRIP - 4 - tall, Math.max(1, right - left), tall);
    });
  }
  const place = (unit) => LABEL + (unit - full.from) / (full.to - full.from) * wide;
  context.strokeStyle = style('--accent');
  context.lineWidth = 2;
  context.strokeRect(place(view.from), 3, Math.max(3, place(view.to) - place(view.from)), STRIP - 6);
  context.lineWidth = 1;
  context.fillStyle = style('--bad');
  for (const save of app.run.save_points) {
    const x = place(view.axis === 'seq' ? save.seq : Number(save.tick));
    context.beginPath();
    context.moveTo(x, 2);
    context.lineTo(x + 8, 5);
    context.lineTo(x, 8);
    context.fill();
    context.fillRect(x, 2, 1, STRIP - 6);
  }
}

function drawAxis(context, y) {
  context.fillStyle = style('--soft');
  const wide = view.width - LABEL;
  const rough = (view.to - view.from) / Math.max(1, wide / 110);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const stepWidth = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power;
  for (let unit = Math.ceil(view.from / stepWidth) * stepWidth; unit < view.to; unit += stepWidth) {
    const x = xOf(unit);
    context.fillRect(x, y, 1, 4);
    context.fillText(number(unit), Math.min(x + 3, view.width - 50), y + 13);
  }
}

const laneOfEvent = (event) => view.lanes.findIndex((lane) => lane.name !== '*.error' && (view.byType ? lane.name === event.type : lane.name === family(event.type)));

// Single events: a mark in the lane, and an arrow from the cause if it is visible.
function drawSingles(context) {
  view.marks = [];
  if (!view.singles) return;
  const places = new Map();
  for (const event of view.singles.events) {
    const lane = laneOfEvent(event);
    const inTick = view.singles.ticks.get(event.tick);
    const unit = view.axis === 'seq' ? event.seq + 0.5 : Number(event.tick) + (event.seq - inTick.first + 0.5) / inTick.count;
    if (lane < 0 || unit < view.from || unit > view.to) continue;
    const place = {x: xOf(unit), y: STRIP + LANE * (lane + 1) + LANE / 2, event};
    places.set(event.seq, place);
    view.marks.push(place);
  }
  context.strokeStyle = style('--soft');
  context.fillStyle = style('--soft');
  for (const place of view.marks) {
    const cause = places.get(place.event.parent_seq);
    if (!cause) continue;
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(cause.x, cause.y);
    context.lineTo(place.x, place.y);
    context.stroke();
    const angle = Math.atan2(place.y - cause.y, place.x - cause.x);
    context.beginPath();
    context.moveTo(place.x - 5 * Math.cos(angle), place.y - 5 * Math.sin(angle));
    context.lineTo(place.x - 11 * Math.cos(angle - 0.4), place.y - 11 * Math.sin(angle - 0.4));
    context.lineTo(place.x - 11 * Math.cos(angle + 0.4), place.y - 11 * Math.sin(angle + 0.4));
    context.fill();
    context.globalAlpha = 1;
  }
  for (const place of view.marks) {
    context.fillStyle = color(place.event.type);
    context.beginPath();
    context.arc(place.x, place.y, place.event.id === app.route.sel ? 7 : 4.5, 0, 7);
    context.fill();
    if (place.event.id === app.route.sel) {
      context.strokeStyle = style('--front');
      context.lineWidth = 2;
      context.stroke();
      context.lineWidth = 1;
    }
  }
}

function draw() {
  const {canvas} = view;
  const ratio = devicePixelRatio || 1;
  const height = STRIP + LANE * (view.lanes.length + 1) + AXIS;
  view.width = canvas.clientWidth || 600;
  if (canvas.width !== Math.round(view.width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(view.width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, height);
  context.font = '12px system-ui, sans-serif';
  drawStrip(context);
  const wanted = [];
  const isExact = bars(context, null, STRIP, style('--soft'), wanted);
  [null, ...view.lanes].forEach((lane, i) => {
    const y = STRIP + LANE * i;
    const singles = view.singles && lane && lane.name !== '*.error';
    if (lane) bars(context, lane, y, color(lane.name), wanted);
    if (singles) context.clearRect(LABEL, y, view.width, LANE);
    context.fillStyle = style('--front');
    const label = visible(lane?.name ?? 'all events');
    context.fillText(label.length > 20 ? `${label.slice(0, 19)}…` : label, 4, y + LANE / 2 + 4);
    context.fillStyle = style('--line');
    context.fillRect(0, y + LANE - 1, view.width, 1);
  });
  drawSingles(context);
  drawAxis(context, STRIP + LANE * (view.lanes.length + 1));
  if (view.brush) {
    context.fillStyle = style('--accent');
    context.globalAlpha = 0.25;
    context.fillRect(Math.min(view.brush.from, view.brush.to), STRIP, Math.abs(view.brush.to - view.brush.from), height - STRIP - AXIS);
    context.globalAlpha = 1;
  }
  view.tiles.want(wanted);
  clearTimeout(view.after);
  view.after = setTimeout(readList, 120);
  if (isExact) canvas.dataset.exact = '1';
  else delete canvas.dataset.exact;
}

function drawTable(total) {
  const unit = view.axis === 'seq' ? 'events' : 'ticks';
  const range = `${number(Math.floor(view.from))} to ${number(Math.ceil(view.to) - 1)}`;
  view.summary.textContent = `${unit} ${range}: ${plural(total, 'event')}`;
  view.table.replaceChildren(el('caption', {class: 'sr'}, `Events in ${unit} ${range}`),
    el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'lane'), el('th', {scope: 'col'}, 'events in the run'))),
    el('tbody', {}, view.lanes.map((lane) => el('tr', {}, el('td', {}, visible(lane.name)), el('td', {class: 'number'}, number(lane.count))))));
}

// Requests the visible events as a list, and as single marks when there are only a few.
async function readList() {
  if (!view) return;
  const mine = view;
  mine.listing?.abort();
  mine.listing = new AbortController();
  const {signal} = mine.listing;
  const from = Math.floor(mine.from);
  const to = Math.max(from + 1, Math.ceil(mine.to));
  try {
    const answer = await ask('timeline', {axis: mine.axis, from, to, bins: 1}, signal);
    if (view !== mine) return;
    mine.list.show(answer.first_seq, answer.last_seq);
    drawTable(answer.total);
    const before = mine.singles;
    if (answer.total === 0 || answer.total > SINGLE_MAX) mine.singles = null;
    else {
      const page = await ask('events', {after: answer.first_seq - 1, limit: answer.total, data_max: 0}, signal);
      const ticks = new Map();
      for (const event of page.events) {
        const one = ticks.get(event.tick) ?? {first: event.seq, count: 0};
        one.count++;
        ticks.set(event.tick, one);
      }
      mine.singles = {events: page.events, ticks};
    }
    if (mine.singles !== before) drawMarks();
  } catch (failure) {
    if (!isAbort(failure) && view === mine) showError(mine.trouble, failure);
  }
}

// Draws again without requesting the list again.
function drawMarks() {
  requestAnimationFrame(() => {
    if (!view) return;
    draw();
    clearTimeout(view.after);
  });
}

async function readStrip() {
  const mine = view;
  const {from, to} = mine.full;
  const answer = await ask('timeline', {axis: mine.axis, from, to, bins: 1000}, app.leave.signal);
  if (view !== mine) return;
  mine.strip = answer.counts;
  requestDraw();
}

function place(press) {
  const box = view.canvas.getBoundingClientRect();
  return {x: press.clientX - box.left, y: press.clientY - box.top};
}

const stripUnit = (x) => view.full.from + (x - LABEL) / (view.width - LABEL) * (view.full.to - view.full.from);

function onDown(press) {
  const {x, y} = place(press);
  if (press.button !== 0) return;
  view.drag = {x, y, from: view.from, to: view.to, isStrip: y < STRIP, isBrush: press.shiftKey, moved: false};
  view.canvas.setPointerCapture(press.pointerId);
}

function onMove(press) {
  const {drag} = view;
  const {x, y} = place(press);
  if (!drag) {
    const near = nearest(x, y);
    view.canvas.title = near ? `${visible(near.event.type)} ${visible(near.event.id)}` : '';
    return;
  }
  if (Math.abs(x - drag.x) < 4 && !drag.moved) return;
  drag.moved = true;
  if (drag.isStrip) {
    const a = stripUnit(drag.x);
    const b = stripUnit(x);
    setWindow(Math.min(a, b), Math.max(a, b));
  } else if (drag.isBrush) {
    view.brush = {from: drag.x, to: x};
    requestDraw();
  } else {
    const shift = (x - drag.x) / (view.width - LABEL) * (drag.to - drag.from);
    setWindow(drag.from - shift, drag.to - shift);
  }
}

function nearest(x, y) {
  let best = null;
  for (const mark of view.marks ?? []) {
    const away = Math.hypot(mark.x - x, mark.y - y);
    if (away < (best?.away ?? 12)) best = {away, event: mark.event};
  }
  return best;
}

async function clickAt(x, y) {
  const near = nearest(x, y);
  if (near) {
    select(near.event.id);
    return;
  }
  const lane = Math.floor((y - STRIP) / LANE) - 1;
  if (x < LABEL && lane >= 0 && lane < view.lanes.length) {
    const {name} = view.lanes[lane];
    go({lane: app.route.lane || view.byType || name === '*.error' ? null : name});
    return;
  }
  const unit = Math.floor(y < STRIP ? stripUnit(x) : unitOf(x));
  const found = await ask('events', view.axis === 'seq' ? {after: unit - 1, limit: 1} : {from: Math.max(0, unit), limit: 1}, app.leave.signal);
  if (found.events.length > 0) select(found.events[0].id);
}

function onUp(press) {
  const {drag, brush} = view;
  const {x, y} = place(press);
  view.drag = null;
  view.brush = null;
  if (brush) setWindow(unitOf(Math.min(brush.from, brush.to)), unitOf(Math.max(brush.from, brush.to)), false);
  else if (drag && !drag.moved) clickAt(x, y).catch((failure) => say(failure.message));
  requestDraw();
}

function onWheel(turn) {
  turn.preventDefault();
  const {x} = place(turn);
  if (turn.shiftKey || Math.abs(turn.deltaX) > Math.abs(turn.deltaY)) {
    const shift = (turn.deltaX || turn.deltaY) / view.width * (view.to - view.from);
    setWindow(view.from + shift, view.to + shift);
  } else zoom(Math.exp(Math.max(-1, Math.min(1, turn.deltaY / 300))), unitOf(Math.max(LABEL, x)));
}

function tools() {
  const jump = (to) => () => {
    const span = view.to - view.from;
    if (to === 'all') setWindow(view.full.from, view.full.to);
    else if (to === 'first') setWindow(view.full.from, view.full.from + span);
    else setWindow(view.full.to - span, view.full.to);
  };
  const axis = el('select', {id: 'axis', onchange: (press) => {
    clearTimeout(view.settle);
    go({axis: press.target.value, from: null, to: null});
  }},
    el('option', {value: 'tick', disabled: hasLargeTicks()}, 'by tick'), el('option', {value: 'seq'}, 'by order'));
  axis.value = view.axis;
  return el('div', {class: 'tools'},
    el('button', {type: 'button', onclick: () => zoom(0.5)}, 'zoom in'), el('button', {type: 'button', onclick: () => zoom(2)}, 'zoom out'),
    el('button', {type: 'button', onclick: jump('all')}, 'whole run'), el('button', {type: 'button', onclick: jump('first')}, 'first'),
    el('button', {type: 'button', onclick: jump('last')}, 'last'), el('label', {for: 'axis', class: 'sr'}, 'Axis'), axis,
    app.route.lane ? el('button', {type: 'button', onclick: () => go({lane: null})}, `all families (now ${visible(app.route.lane)})`) : null,
    view.summary);
}

async function readLanes() {
  const mine = view;
  const answer = await types();
  if (view !== mine) return;
  Object.assign(mine, lanesOf(answer, app.route.lane));
  mine.more.textContent = mine.left > 0 ? `${plural(mine.left, 'smaller lane')} not shown; the overview lists all types.` : '';
  requestDraw();
}

// A request for a view that is no longer shown must not change the address, or draw.
export function close() {
  if (!view) return;
  clearTimeout(view.settle);
  clearTimeout(view.after);
  view.listing?.abort();
  view.tiles.want([]);
  view.resize.disconnect();
  view = null;
}

export function open(main, route) {
  close();
  const canvas = el('canvas', {tabindex: 0, role: 'img', id: 'timeline', 'aria-label': 'Timeline of the events; the list below shows what is in view. Arrow keys move, plus and minus zoom.'});
  view = {...readWindow(route), canvas, lanes: [], width: 600, marks: [], lane: route.lane,
    summary: el('span', {class: 'soft', id: 'in-view'}), table: el('table'), trouble: el('div'), more: el('p', {class: 'soft'})};
  view.tiles = new Tiles(requestDraw, (failure) => showError(view?.trouble ?? el('div'), failure));
  const left = el('div');
  const right = el('section', {'aria-label': 'Selected event', id: 'event'});
  main.append(tools(), canvas, view.more, view.trouble, el('details', {}, el('summary', {}, 'The lanes as a table'), view.table),
    el('div', {class: 'split'}, left, right));
  view.list = new EventList(left);
  view.right = right;
  canvas.addEventListener('pointerdown', onDown);
  canvas.addEventListener('pointermove', onMove);
  canvas.addEventListener('pointerup', onUp);
  canvas.addEventListener('wheel', onWheel, {passive: false});
  view.resize = new ResizeObserver(requestDraw);
  view.resize.observe(canvas);
  if (app.run.events === 0) view.trouble.append(el('p', {}, 'This store holds no events yet. They appear here when live is on.'));
  readLanes().catch((failure) => showError(view.trouble, failure));
  readStrip().catch((failure) => showError(view.trouble, failure));
  requestDraw();
  showSelected(route);
  if (route.at) showTick(Number(route.at));
}

// Makes a tick visible.
async function showTick(tick) {
  const mine = view;
  let unit = tick;
  if (view.axis === 'seq') unit = (await ask('timeline', {from: tick, to: tick + 1, bins: 1})).first_seq;
  if (view !== mine || (unit >= view.from && unit < view.to && view.to - view.from < 100)) return;
  const span = Math.min(view.to - view.from, 40);
  setWindow(unit - span / 2 + 0.5, unit + span / 2 + 0.5);
}

let selected = null;

async function showSelected(route) {
  const mine = view;
  showEvent(view.right, route.sel);
  if (!route.sel) return;
  selected = route.sel;
  const event = await ask('event', {id: route.sel}, app.leave.signal).catch(() => null);
  if (!event || view !== mine || selected !== route.sel) return;
  const unit = view.axis === 'seq' ? event.seq : Number(event.tick);
  if (unit < view.from || unit >= view.to) {
    const span = view.to - view.from;
    setWindow(unit - span / 2, unit + span / 2);
  }
  view.list.scrollTo(event.seq);
  view.list.draw();
}

export function update(route) {
  if (!view || !view.canvas.isConnected) return;
  const next = readWindow(route);
  if (next.axis !== view.axis || (route.lane ?? null) !== (view.lane ?? null)) {
    const main = byId('main');
    main.replaceChildren();
    open(main, route);
    return;
  }
  if (Math.abs(next.from - view.from) >= 1 || Math.abs(next.to - view.to) >= 1) {
    if (!route.at) Object.assign(view, {from: next.from, to: next.to});
  }
  showSelected(route);
  if (route.at) showTick(Number(route.at));
  requestDraw();
}

// New events at the end: the window stays, or moves with the end.
export function news(firstNew) {
  if (!view) return;
  const before = view.full;
  const span = view.to - view.from;
  const wasWhole = view.to - view.from >= before.to - before.from;
  view.full = fullRange(view.axis);
  view.tiles.forgetFrom(before.to - 1, firstNew);
  view.list.forget();
  if (app.follows) {
    view.to = view.full.to;
    view.from = wasWhole ? view.full.from : Math.max(view.full.from, view.to - span);
  }
  readLanes().catch(() => {});
  readStrip().catch(() => {});
  requestDraw();
}

export function key(name, target) {
  if (!view || (target.closest('.list') && name.startsWith('Arrow'))) return false;
  const span = view.to - view.from;
  if (name === 'ArrowLeft') setWindow(view.from - span / 10, view.to - span / 10);
  else if (name === 'ArrowRight') setWindow(view.from + span / 10, view.to + span / 10);
  else if (name === '+' || name === '=') zoom(0.7);
  else if (name === '-') zoom(1 / 0.7);
  else if (name === 'Home') setWindow(view.full.from, view.full.from + span);
  else if (name === 'End') setWindow(view.full.to - span, view.full.to);
  else return false;
  return true;
}
