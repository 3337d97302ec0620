// A plot of a result: a line, bars, or points, drawn as SVG. The first column is x, unless another is chosen.

import {el, number, svg, visible} from './dom.js';

const WIDTH = 800;
const HEIGHT = 300;
const LEFT = 70;
const BOTTOM = 30;
const MOST = 2000;
const SERIES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

const asNumber = (value) => (typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN);

export function numericColumns(result) {
  return result.columns.map((_, i) => i).filter((i) => result.rows.length > 0 && result.rows.every((row) => row[i] === null || Number.isFinite(asNumber(row[i]))));
}

function scale(values, from, to) {
  let min = Math.min(...values);
  let max = Math.max(...values);
  if (!(max > min)) {
    min -= 1;
    max += 1;
  }
  return {min, max, of: (value) => from + (value - min) / (max - min) * (to - from)};
}

function steps({min, max}) {
  const rough = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const width = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const out = [];
  for (let at = Math.ceil(min / width) * width; at <= max; at += width) out.push(Number(at.toPrecision(12)));
  return out;
}

// kind: line, bar or scatter. x: the column; all other numeric columns are series.
export function plot(result, kind, x) {
  const numeric = numericColumns(result);
  const ys = numeric.filter((i) => i !== x).slice(0, SERIES.length);
  const rows = result.rows.slice(0, MOST);
  if (ys.length === 0 || rows.length === 0) return el('p', {}, 'A plot needs rows, and a column of numbers beside the first.');
  const isNumeric = numeric.includes(x) && kind !== 'bar';
  const xs = rows.map((row, i) => (isNumeric ? asNumber(row[x] ?? NaN) : i));
  const values = ys.flatMap((y) => rows.map((row) => asNumber(row[y] ?? NaN))).filter(Number.isFinite);
  const across = scale(isNumeric ? xs.filter(Number.isFinite) : [-0.5, rows.length - 0.5], LEFT, WIDTH - 10);
  const up = scale(kind === 'bar' ? [0, ...values] : values, HEIGHT - BOTTOM, 10);
  const marks = [];
  for (const at of steps(up)) {
    marks.push(svg('path', {d: `M${LEFT} ${up.of(at)}H${WIDTH}`, stroke: 'currentColor', opacity: 0.2}));
    marks.push(svg('text', {x: LEFT - 5, y: up.of(at) + 4, 'text-anchor': 'end'}, number(at)));
  }
  const every = Math.ceil(rows.length / 8);
  if (isNumeric) for (const at of steps(across)) marks.push(svg('text', {x: across.of(at), y: HEIGHT - 10, 'text-anchor': 'middle'}, number(at)));
  else rows.forEach((row, i) => i % every === 0 && marks.push(svg('text', {x: across.of(i), y: HEIGHT - 10, 'text-anchor': 'middle'}, visible(String(row[x])).slice(0, 14))));
  ys.forEach((y, series) => {
    const fill = SERIES[series];
    const points = rows.map((row, i) => [xs[i], asNumber(row[y] ?? NaN)]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
    if (kind === 'line') marks.push(svg('path', {fill: 'none', stroke: fill, 'stroke-width': 2, d: points.map(([a, b], i) => `${i ? 'L' : 'M'}${across.of(a).toFixed(1)} ${up.of(b).toFixed(1)}`).join('')}));
    else if (kind === 'scatter') marks.push(...points.map(([a, b]) => svg('circle', {cx: across.of(a), cy: up.of(b), r: 3, fill})));
    else {
      const width = Math.max(1, (WIDTH - LEFT) / rows.length / ys.length * 0.8);
      marks.push(...points.map(([a, b]) => svg('rect', {x: across.of(a) - width * ys.length / 2 + width * series, width, y: Math.min(up.of(0), up.of(b)), height: Math.abs(up.of(0) - up.of(b)), fill})));
    }
    marks.push(svg('text', {x: LEFT + 10 + series * 160, y: 12, style: null}, `— ${visible(result.columns[y])}`));
    marks.at(-1).setAttribute('fill', fill);
  });
  const names = ys.map((y) => result.columns[y]).join(', ');
  const out = svg('svg', {class: 'plot', id: 'plot', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${kind} of ${names} by ${result.columns[x]}; the table holds the values`}, ...marks);
  return rows.length < result.rows.length ? el('div', {}, out, el('p', {class: 'soft'}, `The first ${number(MOST)} rows are plotted.`)) : out;
}
