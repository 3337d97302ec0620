// The overview of a run.

import {el, dot, number, plural, time, visible} from './dom.js';
import {ask} from './api.js';
import {app, linkTo, showError, types} from './app.js';

function pairs(entries) {
  return el('dl', {}, entries.filter(([, value]) => value !== null && value !== undefined)
    .flatMap(([name, value]) => [el('dt', {}, name), el('dd', {class: 'mono'}, value)]));
}

function saves(run) {
  if (run.save_points.length === 0) return el('p', {class: 'soft'}, 'No save points.');
  return el('table', {}, el('caption', {class: 'sr'}, 'Save points'),
    el('thead', {}, el('tr', {}, ['name', 'tick', 'note'].map((name) => el('th', {scope: 'col'}, name)))),
    el('tbody', {}, run.save_points.map((save) => el('tr', {}, el('td', {}, visible(save.name)),
      el('td', {class: 'number'}, el('a', {href: linkTo({view: 'timeline', at: save.tick, tick: save.tick})}, number(save.tick))),
      el('td', {}, visible(save.note ?? ''))))));
}

function typeTable(answer) {
  return el('div', {class: 'scroll'}, el('table', {}, el('caption', {class: 'sr'}, 'Types with their counts'),
    el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'type'), el('th', {scope: 'col'}, 'events'))),
    el('tbody', {}, answer.types.toSorted((a, b) => b.count - a.count).map((one) => el('tr', {},
      el('td', {}, dot(one.type), el('a', {href: linkTo({view: 'search', q: one.type})}, visible(one.type))),
      el('td', {class: 'number'}, number(one.count)))))),
  answer.count > answer.types.length ? el('p', {}, `The first ${answer.types.length} of ${plural(answer.count, 'type')}.`) : null);
}

function verifyPart() {
  const said = el('span', {role: 'status'});
  const verify = async (quick) => {
    said.textContent = 'Verifying …';
    try {
      const report = await ask('verify', {quick: quick ? 1 : 0}, app.leave.signal);
      said.textContent = report.is_sound ? `Sound: ${plural(report.events, 'event')} of ${plural(report.ticks, 'tick')} are right.`
        : `Not sound: ${visible(report.problem)}. Everything up to tick ${report.trusted_tick} can be trusted.`;
    } catch (failure) {
      said.textContent = failure.code === 'time-limit'
        ? `${failure.message}: eventure verify checks a large store.` : visible(failure.message);
    }
  };
  return el('p', {class: 'tools'}, el('button', {type: 'button', onclick: () => verify(false)}, 'Verify'), said);
}

export function open(main) {
  const run = app.run;
  const list = el('div', {}, el('p', {class: 'soft'}, 'Counting the types …'));
  main.append(el('h2', {}, 'This run'), pairs([
    ['file', visible(run.name)],
    ['compared with', run.against && visible(run.against)],
    ['events', number(run.events)],
    ['ticks', run.events ? `${number(run.first_tick)} to ${number(run.last_tick)}, ${number(run.ticks_used)} with events` : 'none'],
    ['current tick', number(run.current_tick)],
    ['record', run.record === '{}' ? null : visible(run.record)],
    ['history', run.uuid],
    ['forked from', run.forked_from && `${run.forked_from.uuid} at tick ${number(run.forked_from.tick)}`],
    ['run digest', run.digests?.run ?? 'none'],
    ['full digest', run.digests?.full ?? 'none'],
    ['projections', run.projections.length ? visible(run.projections.join(', ')) : 'none (start with --projection FILE)'],
  ]), ...run.archives.map((archive) => el('p', {},
    `Ticks before ${number(archive.before_tick)} were archived${archive.file ? ` in ${visible(archive.file)}` : ''}.`)),
  verifyPart(), el('h2', {}, 'Save points'), saves(run), el('h2', {}, 'Types'), list);
  types().then((answer) => list.replaceChildren(typeTable(answer)), (failure) => showError(list, failure));
}

export function update() {}

export function news() {
  const main = document.getElementById('main');
  main.replaceChildren();
  open(main);
}
