// The view `path`: where training leads two weights of the first neuron, beside the other cohorts of the run.

import { Chart, parameterNames, short } from "./chart.js";
import { make } from "./dom.js";
import { judge } from "./map-wall.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

/** The first neuron's weights of both features. @param {Cohort} cohort */
const axes = ({ network: { sizes } }) => [0, sizes[1]];

/**
 * The two weights at a recorded step.
 * @param {Cohort} cohort
 * @param {number} at
 * @param {number} network
 */
function weights(cohort, at, network) {
  const numbers = cohort.recorded(at, network);
  return axes(cohort).map((axis) => numbers[axis]);
}

/**
 * A box around one network's paths in all cohorts, so that they can be compared.
 * @param {Cohort} cohort
 * @param {number} network
 */
function bounds(cohort, network) {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (const each of cohort.siblings)
    for (let at = 0; network < each.networks && at < each.steps.length; at++)
      weights(each, at, network).forEach((value, axis) => {
        if (!Number.isFinite(value) || Math.abs(value) > 1e3) return;
        low[axis] = Math.min(low[axis], value);
        high[axis] = Math.max(high[axis], value);
      });
  const span = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
  const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2 || 0);
  return { middle, span: span * 1.15 };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Cohort} cohort
 * @param {number} network
 * @param {number} position up to which the path goes
 * @param {(weights: number[]) => [number, number]} place
 */
function follow(pen, cohort, network, position, place) {
  pen.beginPath();
  for (let at = 0; at <= position; at++) pen.lineTo(...place(weights(cohort, at, network)));
  const numbers = cohort.interpolate(position, network, new Float32Array(cohort.size));
  const end = place(axes(cohort).map((axis) => numbers[axis]));
  pen.lineTo(...end);
  pen.stroke();
  return end;
}

/** Paints the path up to the present step, and the rest of it faintly. */
export class Wall {
  /**
   * @param {Cohort} cohort
   * @param {Palette} palette
   */
  constructor(cohort, palette) {
    this.cohort = cohort;
    this.palette = palette;
    this.colour = palette.ofNeuron(Math.max(cohort.siblings.indexOf(cohort), 0));
    this.boxes = Array.from({ length: cohort.networks }, (_, network) => bounds(cohort, network));
    const names = parameterNames(cohort);
    const [across, up] = axes(cohort).map((axis) => names[axis]);
    this.legend = make("p", { className: "legend" }, `Across: the weight of ${across}; up: of ${up}. From the ring, where it began, to the dot, where it is.`);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size
   * @param {number} _ratio
   * @param {number} position
   */
  paint(pen, places, size, _ratio, position) {
    const { cohort, palette, colour } = this;
    const last = cohort.steps.length - 1;
    for (const { network, x, y } of places) {
      const { middle, span } = this.boxes[network];
      const place = (/** @type {number[]} */ [w, v]) => /** @type {[number, number]} */ ([x + size * (0.5 + (w - middle[0]) / span), y + size * (0.5 - (v - middle[1]) / span)]);
      pen.save();
      pen.beginPath();
      pen.rect(x, y, size, size);
      pen.clip();
      pen.fillStyle = palette.ground;
      pen.fillRect(x, y, size, size);
      pen.lineJoin = "round";
      [pen.strokeStyle, pen.lineWidth] = [palette.line, 1];
      follow(pen, cohort, network, last, place);
      [pen.strokeStyle, pen.lineWidth] = [colour, size < 48 ? 1.2 : 1.8];
      const end = follow(pen, cohort, network, position, place);
      mark(pen, palette, place(weights(cohort, 0, network)), end, colour, size < 48 ? 2 : 3);
      pen.restore();
      judge(pen, palette, cohort, position, { network, x, y }, size);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {[number, number]} start
 * @param {[number, number]} end
 * @param {string} colour
 * @param {number} radius
 */
function mark(pen, palette, start, end, colour, radius) {
  pen.beginPath();
  pen.arc(...start, radius, 0, 7);
  [pen.strokeStyle, pen.lineWidth] = [palette.muted, 1];
  pen.stroke();
  pen.beginPath();
  pen.arc(...end, radius, 0, 7);
  pen.fillStyle = colour;
  pen.fill();
}

/** Shows one network's path in every cohort, from the same start. */
export class Opened {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   */
  constructor(cohort, network) {
    this.cohort = cohort;
    this.network = network;
    this.box = bounds(cohort, network);
    const names = parameterNames(cohort);
    const [across, up] = axes(cohort).map((axis) => names[axis]);
    this.across = across;
    this.up = up;
    this.chart = new Chart(`Path of network ${network}`, "From the same start (ring), where two weights are by the same step, in each kind of training.");
    this.list = make("div", { className: "outputs" });
    this.element = make("div", { className: "opened-map" }, this.chart.element, this.list);
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    const { cohort, network, box } = this;
    const begun = this.chart.begin(null);
    if (!begun) return;
    const [pen, width] = begun;
    const step = cohort.stepAt(position);
    const place = (/** @type {number[]} */ [w, v]) => /** @type {[number, number]} */ ([width * (0.5 + (w - box.middle[0]) / box.span), width * (0.5 - (v - box.middle[1]) / box.span)]);
    pen.fillStyle = palette.ground;
    pen.fillRect(0, 0, width, width);
    pen.lineJoin = "round";
    const shown = cohort.siblings.filter(({ networks }) => network < networks);
    [pen.strokeStyle, pen.lineWidth] = [palette.line, 1];
    for (const each of shown) follow(pen, each, network, each.steps.length - 1, place);
    const rows = [...shown].sort((one, other) => Number(one === cohort) - Number(other === cohort)).map((each) => {
      const index = cohort.siblings.indexOf(each);
      const colour = palette.ofNeuron(index);
      pen.globalAlpha = each === cohort ? 1 : 0.6;
      [pen.strokeStyle, pen.lineWidth] = [colour, each === cohort ? 2.5 : 1.4];
      const at = each.positionOf(step);
      const end = follow(pen, each, network, at, place);
      mark(pen, palette, place(weights(each, 0, network)), end, colour, each === cohort ? 5 : 4);
      const [w, v] = weights(each, Math.floor(at), network);
      const row = make("div", { className: "output" }, make("strong", {}, each.fullTitle), make("span", { className: "numbers" }, `${short(w)}, ${short(v)}`));
      row.style.borderColor = colour;
      return { index, row };
    });
    pen.globalAlpha = 1;
    pen.fillStyle = palette.muted;
    pen.fillText(`→ ${this.across}`, 6, width - 10, width - 12);
    pen.fillText(`↑ ${this.up}`, 6, 12, width - 12);
    this.list.replaceChildren(...rows.sort((one, other) => one.index - other.index).map(({ row }) => row));
  }

  point() {}
}
