// Shows one event, as a line or with all details.

import {el, dot, number, plural, pretty, time, visible} from './dom.js';
import {ask} from './api.js';
import {app, linkTo, showError} from './app.js';
import {changes} from './state.js';

export function eventLink(event, view) {
  return el('a', {href: linkTo({sel: event.id, ...(view ? {view} : {})}), class: 'event'}, dot(event.type),
    visible(event.type), ' ', el('span', {class: 'soft mono'}, visible(event.id)));
}

export function shortData(event, length = 120) {
  const text = visible(event.data);
  return text.length > length || event.data_bytes > event.data.length ? `${text.slice(0, length)}…` : text;
}

function dataPart(event) {
  const box = el('pre', {tabindex: 0, 'aria-label': 'Data'}, visible(pretty(event.data)));
  if (event.data_bytes <= new TextEncoder().encode(event.data).length) return [box];
  const more = el('button', {type: 'button', onclick: async () => {
    const whole = await ask('event', {id: event.id, full: 1}, app.leave.signal);
    box.textContent = visible(pretty(whole.data));
    more.remove();
  }}, `show all ${number(event.data_bytes)} bytes`);
  return [box, more];
}

export function becauseList(causes) {
  return el('ol', {class: 'because'}, causes.map((cause) => el('li', {}, 'because ', eventLink(cause),
    ' ', el('span', {class: 'soft'}, `tick ${number(cause.tick)} `), el('code', {}, shortData(cause, 60)))));
}

async function becausePart(event, where) {
  if (!event.parent_id) {
    where.append(el('p', {class: 'soft'}, 'It has no cause: it is a root.'));
    return;
  }
  const up = await ask('ancestors', {id: event.id, limit: 100}, app.leave.signal);
  if (up.events.length === 0)
    where.append(el('p', {}, `Its cause, ${visible(event.parent_id)}, is not in this store.`));
  where.append(becauseList(up.events));
  if (up.more) where.append(el('p', {}, `… ${number(up.depth)} steps in all, up to `, el('a', {href: linkTo({sel: up.root})}, visible(up.root))));
}

async function ledToPart(event, where) {
  if (event.children === 0) {
    where.append(el('p', {class: 'soft'}, 'It caused nothing.'));
    return;
  }
  const down = await ask('children', {id: event.id, limit: 100}, app.leave.signal);
  where.append(el('ul', {}, down.events.map((effect) => el('li', {class: effect.tick > event.tick ? 'later' : null},
    eventLink(effect), effect.tick > event.tick ? ` later, in tick ${number(effect.tick)}` : ''))));
  if (down.more)
    where.append(el('p', {}, `The first ${down.events.length} of ${plural(event.children, 'effect')}: `,
      el('a', {href: linkTo({view: 'cascade'})}, 'all of them in the cascade')));
}

async function statePart(event, where) {
  if (app.run.projections.length === 0) return;
  const answer = await ask('state', {projection: app.route.projection, tick: event.tick, since: event.tick - 1,
    changed: 1, causes: 1, limit: 20}, app.leave.signal);
  where.append(el('h3', {}, `Changes of the state in tick ${number(event.tick)}`), ...changes(answer));
}

// Shows the event that is selected; a later call wins.
let shown = 0;

export async function showEvent(where, id) {
  const turn = ++shown;
  if (!id) {
    where.replaceChildren(el('p', {class: 'soft'}, 'Select an event to see its data, why it happened, and what it led to.'));
    return;
  }
  try {
    const event = await ask('event', {id}, app.leave.signal);
    if (turn !== shown) return;
    const because = el('div');
    const ledTo = el('div');
    const changed = el('div');
    where.replaceChildren(
      el('h2', {class: 'event', id: 'event-title'}, dot(event.type), visible(event.type)),
      el('p', {class: 'soft mono'}, `${visible(event.id)} · tick ${number(event.tick)} · ${event.time ?? time(event.timestamp)} · number ${number(event.seq)}`),
      el('p', {class: 'tools'}, el('a', {href: linkTo({view: 'cascade', sel: id})}, 'why did this happen?'),
        el('a', {href: linkTo({view: 'timeline', at: event.tick, sel: id})}, 'in the timeline'),
        app.run.projections.length ? el('a', {href: linkTo({view: 'state', tick: event.tick, sel: id})}, 'state at this tick') : null),
      ...dataPart(event), el('h3', {}, 'Because'), because, el('h3', {}, 'Led to'), ledTo, changed);
    const parts = [[becausePart, because], [ledToPart, ledTo], [statePart, changed]];
    await Promise.all(parts.map(([part, place]) => part(event, place).catch((failure) => showError(place, failure))));
  } catch (failure) {
    if (turn === shown) showError(where, failure);
  }
}
