// A list of the events from one seq to another, of any length: only the visible rows exist. Because seqs have no gaps,
// the position of a row is computed from its number.

import {el, dot, number, visible} from './dom.js';
import {ask, isAbort} from './api.js';
import {app, select} from './app.js';
import {shortData} from './event.js';

const ROW = 22;
const PAGE = 100;
const TALLEST = 8e6; // browsers do not show boxes that are taller than some 10^7 pixels

export class EventList {
  constructor(where) {
    this.space = el('div', {class: 'space'});
    this.box = el('div', {class: 'list', role: 'listbox', tabindex: 0, 'aria-label': 'Events in view'}, this.space);
    this.box.addEventListener('scroll', () => this.draw());
    where.append(this.box);
    this.pages = new Map();
    this.first = 1;
    this.count = 0;
  }

  // Shows the events with the seqs first to last; none when last is smaller.
  show(first, last) {
    if (first === this.first && last - first + 1 === this.count) {
      this.draw();
      return;
    }
    this.first = first;
    this.count = Math.max(0, last - first + 1);
    this.space.style.height = `${Math.min(this.count * ROW, TALLEST)}px`;
    this.box.setAttribute('aria-label', `Events in view: ${number(this.count)}`);
    this.draw();
  }

  forget() {
    this.pages.clear();
  }

  // The number of the first visible row, and the number of visible rows.
  sight() {
    const rows = Math.ceil(this.box.clientHeight / ROW) + 1;
    const height = Math.min(this.count * ROW, TALLEST);
    const most = Math.max(1, height - this.box.clientHeight);
    const share = Math.min(1, this.box.scrollTop / most);
    const top = this.count * ROW <= TALLEST ? this.box.scrollTop / ROW : share * Math.max(0, this.count - rows + 1);
    return {top: Math.floor(top), rows};
  }

  scrollTo(seq) {
    const index = seq - this.first;
    if (index < 0 || index >= this.count) return;
    const {top, rows} = this.sight();
    if (index >= top && index < top + rows - 2) return;
    const height = Math.min(this.count * ROW, TALLEST);
    const to = Math.max(0, index - Math.floor(rows / 3));
    this.box.scrollTop = this.count * ROW <= TALLEST ? to * ROW : to / Math.max(1, this.count - rows + 1) * (height - this.box.clientHeight);
  }

  async load(page) {
    if (this.pages.has(page)) return;
    this.pages.set(page, null);
    try {
      const answer = await ask('events', {after: page * PAGE, limit: PAGE, data_max: 200}, app.leave.signal);
      this.pages.set(page, answer.events);
      if (this.pages.size > 60) this.pages.delete(this.pages.keys().next().value);
      this.draw();
    } catch (failure) {
      this.pages.delete(page);
      if (!isAbort(failure)) this.space.replaceChildren(el('p', {class: 'error'}, visible(failure.message)));
    }
  }

  row(seq, top) {
    const events = this.pages.get(Math.floor((seq - 1) / PAGE));
    const event = events?.find((one) => one.seq === seq);
    const node = el('div', {class: 'row', role: 'option', 'aria-selected': event?.id === app.route.sel});
    node.style.top = `${top}px`;
    if (!event) {
      node.textContent = '…';
      return node;
    }
    node.append(dot(event.type), `${number(event.tick)}  ${visible(event.type)}  `, el('span', {class: 'soft'}, `${visible(event.id)}  ${shortData(event, 160)}`));
    node.addEventListener('click', () => select(event.id));
    return node;
  }

  draw() {
    if (this.count === 0) {
      this.space.replaceChildren(el('p', {class: 'soft'}, 'No events here.'));
      return;
    }
    const {top, rows} = this.sight();
    const nodes = [];
    const from = Math.max(0, Math.min(top, this.count - 1));
    const offset = this.count * ROW <= TALLEST ? from * ROW : this.box.scrollTop;
    for (let i = 0; i < rows && from + i < this.count; i++) {
      const seq = this.first + from + i;
      this.load(Math.floor((seq - 1) / PAGE));
      nodes.push(this.row(seq, offset + i * ROW));
    }
    this.space.replaceChildren(...nodes);
  }
}
