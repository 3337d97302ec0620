// Counts of events for the timeline, kept in tiles: 256 bins of a width that is a power of two, so that moving and
// zooming requests only new tiles. Every count is exact. Requests for tiles that are no longer visible are cancelled,
// which ends their work on the server.

import {ask, isAbort} from './api.js';

export const BINS = 256;
const KEPT = 3000;

export class Tiles {
  constructor(changed, failed) {
    this.changed = changed;
    this.failed = failed;
    this.tiles = new Map(); // by name: {counts} or {abort}
  }

  static name(lane, axis, level, index) {
    return `${axis} ${level} ${index} ${lane ?? ''}`;
  }

  // The counts of a tile; null until they have arrived.
  get(lane, axis, level, index) {
    return this.tiles.get(Tiles.name(lane, axis, level, index))?.counts ?? null;
  }

  // Requests the wanted tiles that are missing, and cancels the requests for all others.
  want(wanted) {
    const names = new Set(wanted.map((one) => Tiles.name(one.lane, one.axis, one.level, one.index)));
    for (const [name, tile] of this.tiles) {
      if (tile.abort && !names.has(name)) {
        tile.abort.abort();
        this.tiles.delete(name);
      }
    }
    for (const one of wanted) this.load(one);
    while (this.tiles.size > KEPT) this.tiles.delete(this.tiles.keys().next().value);
  }

  async load({lane, axis, level, index}) {
    const name = Tiles.name(lane, axis, level, index);
    if (this.tiles.has(name)) return;
    const abort = new AbortController();
    this.tiles.set(name, {abort});
    const width = 2 ** level * BINS;
    try {
      const answer = await ask('timeline', {axis, from: index * width, to: (index + 1) * width, bins: BINS, type: lane}, abort.signal);
      this.tiles.set(name, {counts: answer.counts, end: (index + 1) * width, axis});
      this.changed();
    } catch (failure) {
      if (isAbort(failure)) return;
      this.tiles.delete(name);
      this.failed(failure);
    }
  }

  // There are new events at the end: tiles that reach the end are requested again.
  forgetFrom(tick, seq) {
    for (const [name, tile] of this.tiles)
      if (tile.counts && tile.end > (tile.axis === 'seq' ? seq : tick)) this.tiles.delete(name);
  }
}
