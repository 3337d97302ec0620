// The results of a search: events of a type or pattern, with a value in their data, of a time, or with a text.

import {byId, dot, el, number, visible} from './dom.js';
import {ask} from './api.js';
import {app, select, showError, types} from './app.js';
import {shortData, showEvent} from './event.js';

const isTime = (text) => /^\d{4}-\d\d-\d\d([T ]|$)/.test(text);
const isData = (text) => /^[^\s=<>!~]+(!=|<=|>=|=|<|>|~)/.test(text);

let view = null;

// Returns the search as parameters of the API, and in words.
async function understand(text) {
  if (isTime(text)) {
    const since = text.length === 10 ? `${text}T00:00:00Z` : text;
    return [{since}, `from ${since} on`];
  }
  if (isData(text)) return [{data: text}, `with ${text} in the data`];
  if (/^[^\s*]+\.\*$|^\*\.[^\s*]+$/.test(text)) return [{type: text}, `of types ${text}`];
  const answer = await types();
  if (answer.types.some((one) => one.type === text)) return [{type: text}, `of type ${text}`];
  return [{text}, `with the text “${text}”`];
}

function hit(event) {
  return el('tr', {class: event.id === app.route.sel ? 'hit selected' : 'hit', 'data-id': event.id}, el('td', {class: 'number'}, number(event.tick)),
    el('td', {}, dot(event.type), el('button', {type: 'button', onclick: () => select(event.id)}, visible(event.type))),
    el('td', {}, visible(event.id)), el('td', {}, shortData(event)));
}

async function readPage(parameters, after) {
  const answer = await ask('events', {...parameters, after, limit: 100}, app.leave.signal);
  view.rows.append(...answer.events.map(hit));
  const count = view.rows.childElementCount;
  view.more.replaceChildren();
  if (answer.next) {
    view.said.textContent = answer.partial ? `${number(count)} found up to event ${number(answer.next)}; there may be more.` : `The first ${number(count)}.`;
    view.more.append(el('button', {type: 'button', onclick: () => readPage(parameters, answer.next).catch((failure) => showError(view.more, failure))}, 'look further'));
  } else view.said.textContent = count ? `${number(count)} found.` : 'Nothing was found.';
}

async function read(route) {
  const text = route.q ?? '';
  const [parameters, words] = await understand(text);
  view.head.textContent = `Events ${visible(words)}`;
  await readPage(parameters, 0);
}

export function open(main, route) {
  view = {head: el('h2', {}, 'Search'), rows: el('tbody', {id: 'hits'}), said: el('p', {role: 'status', id: 'found'}), more: el('p'),
    right: el('section', {'aria-label': 'Selected event', id: 'event'}), q: route.q};
  byId('query').value = route.q ?? '';
  main.append(view.head, view.said, el('div', {class: 'split'}, el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Events found'},
    el('table', {}, el('caption', {class: 'sr'}, 'Events found'),
      el('thead', {}, el('tr', {}, ['tick', 'type', 'id', 'data'].map((name) => el('th', {scope: 'col'}, name)))), view.rows), view.more), view.right));
  read(route).catch((failure) => showError(view.said, failure));
  showEvent(view.right, route.sel);
}

export function update(route) {
  if (route.q !== view.q) {
    const main = byId('main');
    main.replaceChildren();
    open(main, route);
    return;
  }
  for (const row of view.rows.children) row.classList.toggle('selected', row.dataset.id === route.sel);
  showEvent(view.right, route.sel);
}
