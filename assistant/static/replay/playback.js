// The clock: where among the recorded steps the replay stands, and how it moves on.

/** Seconds from the first to the last recorded step, at speed 1. */
const DURATION = 6;

/** Plays from position 0 to `last`; calls `changed` whenever it has moved, started or stopped. */
export class Playback {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.last = 0;
    this.position = 0;
    this.speed = 1;
    this.playing = false;
    /** @type {number|null} a position to stop at once */
    this.stop = null;
    this.stopped = false;
    this.time = 0;
  }

  play() {
    if (this.last === 0) return;
    if (this.position >= this.last) this.position = 0;
    this.playing = true;
    this.stopped = false;
    this.time = performance.now();
    this.changed();
  }

  pause() {
    this.playing = false;
    this.changed();
  }

  /** @param {number} position */
  seek(position) {
    this.playing = false;
    this.stopped = false;
    this.position = Math.min(Math.max(position, 0), this.last);
    this.changed();
  }

  /**
   * Move on to the present time.
   * @param {number} now milliseconds
   */
  advance(now) {
    if (!this.playing) return;
    // A page that was hidden for a while goes on where it was.
    const seconds = Math.min(Math.max(now - this.time, 0), 300) / 1000;
    this.time = now;
    let next = this.position + (this.last / DURATION) * this.speed * seconds;
    if (this.stop !== null && this.position < this.stop && next >= this.stop) {
      [next, this.stop, this.playing, this.stopped] = [this.stop, null, false, true];
    }
    if (next >= this.last) this.playing = false;
    this.position = Math.min(next, this.last);
    this.changed();
  }
}
