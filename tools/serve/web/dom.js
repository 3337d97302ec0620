// Small helpers to build the page. Text from a store goes through text nodes only, so that it is never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// el('p', {class: 'soft', onclick: f}, 'text', node, ...)
export function el(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function svg(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

export const byId = (id) => document.getElementById(id);

// Formats 1234567 as 1,234,567. An integer beyond 2^53 is a text.
export function number(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function plural(count, noun) {
  return `${number(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;
}

// The family of a type is the part before its first dot.
export function family(type) {
  const dot = type.indexOf('.');
  return dot > 0 ? type.slice(0, dot) : type;
}

// Colours that people who see colours differently can tell apart (after Okabe and Ito). A family has the same colour in
// every view and every visit, because it is computed from the name.
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#b8860b', '#cc79a7', '#3f8fc5', '#7f6bb5', '#8c6d46'];

export function color(type) {
  let hash = 7;
  for (const c of family(type)) hash = (hash * 31 + c.codePointAt(0)) >>> 0;
  return PALETTE[hash % PALETTE.length];
}

export function dot(type) {
  const mark = el('span', {class: 'dot', 'aria-hidden': 'true'});
  mark.style.background = color(type);
  return mark;
}

// Formats JSON with line feeds and blanks; numbers keep their spelling. A text that was cut is shown unchanged.
export function pretty(text) {
  let out = '';
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inText) {
      out += c;
      if (c === '\\') out += text[++i] ?? '';
      else if (c === '"') inText = false;
    } else if (c === '"') {
      inText = true;
      out += c;
    } else if (c === '{' || c === '[') {
      const isEmpty = text[i + 1] === '}' || text[i + 1] === ']';
      depth += isEmpty ? 0 : 1;
      out += isEmpty ? c + text[++i] : `${c}\n${'  '.repeat(depth)}`;
    } else if (c === '}' || c === ']') {
      depth = Math.max(0, depth - 1);
      out += `\n${'  '.repeat(depth)}${c}`;
    } else if (c === ',') out += `,\n${'  '.repeat(depth)}`;
    else out += c === ':' ? ': ' : c;
  }
  return out;
}

// Characters that change the direction of text, or are invisible, are shown by their number.
export function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function time(timestamp) {
  const date = new Date(Number(timestamp) * 1000);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString().replace('.000Z', 'Z');
}

export function say(text) {
  byId('status').textContent = text;
}
