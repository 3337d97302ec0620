// SQL: an editor with the schema and ten example queries; the result as a sortable table, as a plot, or as CSV.

import {el, number, plural, visible} from './dom.js';
import {isAbort, post, ask} from './api.js';
import {app, go, showError} from './app.js';
import {cell} from './state.js';
import {numericColumns, plot} from './plot.js';

const ROWS_SHOWN = 1000;

const questions = [
  ['Events of each type', 'SELECT type, count, first_tick, last_tick FROM type_counts ORDER BY count DESC'],
  ['Busiest ticks', 'SELECT tick, count FROM ticks ORDER BY count DESC LIMIT 20'],
  ['Events by tick', 'SELECT tick, count FROM ticks ORDER BY tick LIMIT 1000'],
  ['Newest events', 'SELECT seq, tick, type, id, data FROM events ORDER BY seq DESC LIMIT 50'],
  ['Events with the most effects', 'SELECT parent_id, count(*) AS effects FROM events WHERE parent_id IS NOT NULL\nGROUP BY parent_id ORDER BY effects DESC LIMIT 20'],
  ['Events without a cause', 'SELECT type, count(*) AS roots FROM events WHERE parent_id IS NULL GROUP BY type ORDER BY roots DESC'],
  ['What causes what', 'SELECT cause.type AS cause, effect.type AS effect, count(*) AS times\n  FROM events AS effect JOIN events AS cause ON cause.seq = effect.parent_seq\n GROUP BY 1, 2 ORDER BY times DESC LIMIT 50'],
  ['Keys of the data, by type', 'SELECT type, json_each.key AS key, count(*) AS events\n  FROM (SELECT type, data FROM events LIMIT 10000), json_each(data)\n GROUP BY 1, 2 ORDER BY 1, 2'],
  ['One value over time', "SELECT tick, data ->> 'amount' AS amount FROM events WHERE data ->> 'amount' IS NOT NULL ORDER BY seq LIMIT 1000"],
  ['A cascade', "SELECT depth, id, type, data FROM event_cascade((SELECT id FROM events ORDER BY seq LIMIT 1)) LIMIT 100"],
];

let view = null;

function compareCells(a, b) {
  if (a === null || b === null) return (a === null ? -1 : 0) + (b === null ? 1 : 0);
  const [x, y] = [Number(a), Number(b)];
  if (typeof a !== 'object' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a.text ?? a) < String(b.text ?? b) ? -1 : 1;
}

function drawTable() {
  const {result, order} = view;
  const rows = order ? result.rows.toSorted((a, b) => order.sign * compareCells(a[order.column], b[order.column])) : result.rows;
  view.table.replaceChildren(el('table', {id: 'result'}, el('caption', {class: 'sr'}, 'Result'),
    el('thead', {}, el('tr', {}, result.columns.map((name, column) => el('th', {scope: 'col', 'aria-sort': order?.column === column ? (order.sign > 0 ? 'ascending' : 'descending') : null},
      el('button', {type: 'button', onclick: () => {
        view.order = {column, sign: order?.column === column ? -order.sign : 1};
        drawTable();
      }}, `${visible(name)}${order?.column === column ? (order.sign > 0 ? ' ▴' : ' ▾') : ''}`))))),
    el('tbody', {}, rows.slice(0, ROWS_SHOWN).map((row) => el('tr', {}, row.map(cell))))));
}

function drawPlot() {
  view.plot.replaceChildren(app.route.plot && view.result.rows ? plot(view.result, app.route.plot, Number(app.route.x ?? 0)) : '');
}

function csvCell(value) {
  if (value === null) return '';
  const text = typeof value === 'object' ? value.text ?? value.blob : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function download() {
  const result = await post('sql', {limit: 10000, full: 1}, view.editor.value, app.leave.signal);
  const lines = [result.columns, ...result.rows].map((row) => row.map(csvCell).join(','));
  const link = el('a', {download: 'result.csv', href: URL.createObjectURL(new Blob([`${lines.join('\r\n')}\r\n`], {type: 'text/csv'}))});
  link.click();
  URL.revokeObjectURL(link.href);
  view.said.textContent = result.more ? `The file holds the first ${number(result.rows.length)} rows; eventure sql --format csv writes all.` : `The file holds ${plural(result.rows.length, 'row')}.`;
}

function finish() {
  view.running = null;
  view.run.disabled = false;
  view.cancel.disabled = true;
}

async function answer(text, parameters) {
  view.running?.abort();
  view.running = new AbortController();
  const {signal} = view.running;
  view.run.disabled = true;
  view.cancel.disabled = false;
  view.said.textContent = 'Running …';
  view.trouble.replaceChildren();
  try {
    const result = await post('sql', parameters, text, signal);
    finish();
    return result;
  } catch (failure) {
    if (view.running?.signal === signal) finish();
    view.said.textContent = isAbort(failure) ? 'Cancelled.' : '';
    showError(view.trouble, failure);
    return null;
  }
}

async function runQuery(text) {
  const result = await answer(text, {limit: ROWS_SHOWN});
  if (!result) return;
  view.result = result;
  view.order = null;
  view.said.textContent = `${plural(result.rows.length, 'row')}${result.more ? ', and more' : ''}, ${result.elapsed_ms} ms`;
  view.column.replaceChildren(...result.columns.map((name, i) => el('option', {value: i, selected: i === Number(app.route.x ?? 0)}, visible(name))));
  view.kinds.hidden = numericColumns(result).length === 0;
  view.csv.disabled = false;
  drawTable();
  drawPlot();
}

async function showPlan() {
  const result = await answer(view.editor.value, {plan: 1});
  if (!result) return;
  view.said.textContent = 'The plan:';
  const depth = new Map([[0, -1]]);
  view.trouble.replaceChildren(el('pre', {id: 'plan'}, result.plan.map((one) => {
    depth.set(one.id, (depth.get(one.parent) ?? -1) + 1);
    return `${'  '.repeat(depth.get(one.id))}${visible(one.detail)}\n`;
  }).join('')));
}

async function drawSchema(where) {
  const {tables} = await ask('schema', {}, app.leave.signal);
  const first = ['events', 'ticks', 'type_counts', 'roots'];
  const rank = (table) => (first.indexOf(table.name) + 1 || 99);
  where.append(...tables.sort((a, b) => rank(a) - rank(b)).map((table) => el('details', {}, el('summary', {}, `${visible(table.name)} `, el('span', {class: 'soft'}, table.kind)),
    el('ul', {}, table.columns.map((name) => el('li', {}, el('code', {}, visible(name))))))));
}

function goToQuery() {
  const text = view.editor.value.trim();
  if (!text) return;
  if (text === app.route.sql) runQuery(text);
  else go({sql: text, x: null});
}

export function open(main, route) {
  const schema = el('aside', {'aria-label': 'Tables and questions'});
  view = {
    editor: el('textarea', {id: 'editor', 'aria-label': 'SQL', spellcheck: 'false', placeholder: 'SELECT … (Ctrl+Enter runs it)'}),
    run: el('button', {type: 'button', id: 'run-query', class: 'main', onclick: goToQuery}, 'run'),
    cancel: el('button', {type: 'button', id: 'cancel', disabled: true, onclick: () => view.running?.abort()}, 'cancel'),
    csv: el('button', {type: 'button', id: 'csv', disabled: true, onclick: () => download().catch((failure) => showError(view.trouble, failure))}, 'CSV'),
    said: el('span', {role: 'status', id: 'said', class: 'soft'}), trouble: el('div'), plot: el('div'),
    table: el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Result'}), result: {columns: [], rows: []},
  };
  const kind = el('select', {id: 'kind', onchange: (press) => go({plot: press.target.value})}, [['', 'no plot'], ['line', 'line'], ['bar', 'bars'], ['scatter', 'points']]
    .map(([value, text]) => el('option', {value, selected: value === (route.plot ?? '')}, text)));
  view.column = el('select', {id: 'column', onchange: (press) => go({x: press.target.value})});
  view.kinds = el('span', {hidden: true}, el('label', {for: 'kind'}, 'plot '), kind, el('label', {for: 'column'}, ' by '), view.column);
  const ready = el('select', {id: 'questions', onchange: (press) => {
    view.editor.value = questions[press.target.value]?.[1] ?? view.editor.value;
    goToQuery();
  }}, el('option', {value: ''}, 'ready questions'), questions.map(([name], i) => el('option', {value: i}, name)));
  view.editor.addEventListener('keydown', (press) => {
    if (press.key === 'Enter' && (press.ctrlKey || press.metaKey)) goToQuery();
  });
  schema.append(el('label', {for: 'questions', class: 'sr'}, 'Ready questions'), ready, el('h2', {}, 'Tables'));
  main.append(el('div', {class: 'split'}, el('div', {}, view.editor, el('div', {class: 'tools'}, view.run, view.cancel,
    el('button', {type: 'button', id: 'show-plan', onclick: showPlan}, 'plan'), view.csv, view.kinds, view.said), view.trouble, view.plot, view.table), schema));
  drawSchema(schema).catch((failure) => showError(schema, failure));
  update(route);
}

export function update(route) {
  if (!route.sql) return;
  if (route.sql !== view.shown) {
    view.shown = route.sql;
    view.editor.value = route.sql;
    runQuery(route.sql);
  } else drawPlot();
}
