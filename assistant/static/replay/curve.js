// A network's course over the recorded steps, with the present one marked; dragging over it moves the replay.

import { make, penOf, say } from "./dom.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */

const HEIGHT = 64;

/** One curve: the loss on a logarithmic axis, or a count from 0 to `most`. */
export class Curve {
  /**
   * @param {string} title
   * @param {Cohort} cohort
   * @param {number} network
   * @param {Float32Array} numbers (steps, networks)
   * @param {(position: number) => void} seek
   * @param {number} [most]
   */
  constructor(title, cohort, network, numbers, seek, most) {
    this.steps = cohort.steps;
    this.values = this.steps.map((_, step) => numbers[step * cohort.networks + network]);
    this.most = most;
    const finite = this.values.filter((value) => Number.isFinite(value) && (most !== undefined || value > 0)).map((value) => this.#scaled(value));
    this.low = most === undefined ? Math.min(...finite) : 0;
    this.high = most ?? Math.max(...finite, this.low + 1e-3);
    this.canvas = make("canvas", { role: "img", ariaLabel: `${title} over the steps` });
    this.value = make("strong", {});
    this.element = make("figure", {}, make("figcaption", {}, `${title} `, this.value), this.canvas);
    const drag = (/** @type {PointerEvent} */ event) => {
      if (event.buttons !== 1) return;
      const box = this.canvas.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * (this.steps.length - 1));
    };
    this.canvas.addEventListener("pointerdown", drag);
    this.canvas.addEventListener("pointermove", drag);
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    const width = this.canvas.clientWidth;
    const pen = penOf(this.canvas, width, HEIGHT);
    const last = Math.max(this.steps.length - 1, 1);
    const x = (/** @type {number} */ at) => 5 + ((width - 10) * at) / last;
    const y = (/** @type {number} */ value) => HEIGHT - 6 - (HEIGHT - 12) * ((this.#scaled(value) - this.low) / (this.high - this.low || 1));
    pen.strokeStyle = palette.line;
    pen.lineWidth = 1;
    pen.strokeRect(0.5, 0.5, width - 1, HEIGHT - 1);
    pen.beginPath();
    this.values.forEach((value, at) => {
      if (Number.isFinite(value)) pen.lineTo(x(at), y(Math.max(value, 1e-9)));
    });
    pen.strokeStyle = palette.mark;
    pen.lineWidth = 1.75;
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x(position), 1);
    pen.lineTo(x(position), HEIGHT - 1);
    pen.strokeStyle = palette.muted;
    pen.lineWidth = 1;
    pen.stroke();
    const value = this.values[Math.floor(position)];
    say(this.value, Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "no finite number");
    if (!Number.isFinite(value)) return;
    pen.beginPath();
    pen.arc(x(Math.floor(position)), y(Math.max(value, 1e-9)), 3.5, 0, 7);
    pen.fillStyle = palette.mark;
    pen.fill();
  }

  /** @param {number} value */
  #scaled(value) {
    return this.most === undefined ? Math.log10(Math.max(value, 1e-9)) : value;
  }
}
