// The view `signals`: how the signals of all examples are spread in each layer, in and out.

import { Chart, short, usualSize } from "./chart.js";
import { key, make, say } from "./dom.js";
import { judge } from "./map-wall.js";
import { activate, forward } from "./network.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

const BINS = 31;
const HIGH = 96; // pixels of an opened network's histogram

/** The names of what `signals` returns, in its order. @param {Cohort} cohort */
function namesOf({ network: { sizes } }) {
  const hidden = sizes.length - 2;
  const layer = (/** @type {number} */ each) => (hidden > 1 ? ` of layer ${each + 1}` : "");
  const all = [...Array(hidden).keys()].flatMap((each) => [`what the neurons${layer(each)} add up`, `what they put out`]);
  return [...all, "outputs of the network"];
}

/**
 * All examples' signals, stage by stage.
 * @param {Cohort} cohort
 * @param {Float32Array} parameters
 * @returns {number[][]}
 */
function signals({ network, data }, parameters) {
  /** @type {number[][]} */
  const stages = Array.from({ length: 2 * (network.sizes.length - 2) + 1 }, () => []);
  for (const x of data.x)
    forward(network, parameters, x).forEach((sums, layer, all) => {
      for (const z of sums) {
        stages[2 * layer].push(z);
        if (layer < all.length - 1) stages[2 * layer + 1].push(activate(network.activation, z));
      }
    });
  return stages;
}

/** How far each stage's axis goes, for all networks and steps of a cohort. @param {Cohort} cohort */
function ranges(cohort) {
  return namesOf(cohort).map((_, stage) => {
    const bounded = stage % 2 === 1 && ["tanh", "sigmoid"].includes(cohort.network.activation);
    return bounded ? 1 : usualSize(cohort, (parameters) => signals(cohort, parameters)[stage]);
  });
}

/**
 * Count into bins from -range to range; what lies beyond goes into the last ones.
 * @param {number[]} values
 * @param {number} range
 */
function histogram(values, range) {
  const counts = new Float32Array(BINS);
  for (const value of values)
    if (value === value) counts[Math.min(Math.max(Math.round((value / range + 1) * (BINS >> 1)), 0), BINS - 1)]++;
  return counts.map((count) => count / values.length);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Float32Array} counts
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function bars(pen, counts, x, y, width, height) {
  const wide = width / BINS;
  // The square root lets few signals be seen beside many; the highest bar fills the height.
  const most = Math.max(...counts) || 1;
  counts.forEach((share, bin) => {
    const high = height * Math.sqrt(share / most);
    if (share) pen.fillRect(x + bin * wide, y + height - high, Math.max(wide - (wide > 4 ? 1 : 0), 0.8), high);
  });
}

/** Paints a histogram for each stage, from the first at the top to the outputs. */
export class Wall {
  /**
   * @param {Cohort} cohort
   * @param {Palette} palette
   */
  constructor(cohort, palette) {
    this.cohort = cohort;
    this.palette = palette;
    this.ranges = ranges(cohort);
    this.parameters = new Float32Array(cohort.size);
    const spans = namesOf(cohort).map((name, stage) =>
      key("dot", { background: palette.ofNeuron(stage) }, `${name}: −${short(this.ranges[stage])} to ${short(this.ranges[stage])}`),
    );
    this.legend = make("p", { className: "legend" }, ...spans);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size
   * @param {number} _ratio
   * @param {number} position
   */
  paint(pen, places, size, _ratio, position) {
    const { cohort, palette } = this;
    for (const { network, x, y } of places) {
      pen.fillStyle = palette.ground;
      pen.fillRect(x, y, size, size);
      const stages = signals(cohort, cohort.interpolate(position, network, this.parameters));
      const height = size / stages.length;
      pen.fillStyle = palette.line;
      pen.fillRect(x + size / 2 - 0.5, y, 1, size);
      stages.forEach((values, stage) => {
        pen.fillStyle = palette.ofNeuron(stage);
        bars(pen, histogram(values, this.ranges[stage]), x, y + stage * height, size, height - 1);
      });
      judge(pen, palette, cohort, position, { network, x, y }, size);
    }
  }
}

/** Shows one network's histograms large, with their middle and their spread in words. */
export class Opened {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   */
  constructor(cohort, network) {
    this.cohort = cohort;
    this.network = network;
    this.names = namesOf(cohort);
    this.ranges = ranges(cohort);
    this.chart = new Chart(`Signals of network ${network}`, "How the signals of all examples are spread; what lies beyond an axis stands in its last bar. The highest bar fills the height; bars grow with the square root of how many there are.");
    this.element = this.chart.element;
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    const { cohort } = this;
    const begun = this.chart.begin(HIGH * this.names.length);
    if (!begun) return;
    const [pen, width] = begun;
    const stages = signals(cohort, cohort.interpolate(position, this.network, new Float32Array(cohort.size)));
    const told = stages.map((values, stage) => {
      const [top, range] = [stage * HIGH, this.ranges[stage]];
      const sorted = values.filter(Number.isFinite).sort((one, other) => one - other);
      const part = (/** @type {number} */ share) => short(sorted[Math.floor(share * (sorted.length - 1))] ?? NaN);
      pen.fillStyle = palette.ground;
      pen.fillRect(0, top + 18, width, HIGH - 38);
      pen.fillStyle = palette.ofNeuron(stage);
      bars(pen, histogram(values, range), 0, top + 20, width, HIGH - 40);
      pen.fillStyle = palette.ink;
      pen.fillText(`${this.names[stage][0].toUpperCase()}${this.names[stage].slice(1)}`, 0, top + 8, width);
      pen.fillStyle = palette.muted;
      [-1, 0, 1].forEach((sign, place) => {
        pen.textAlign = /** @type {CanvasTextAlign} */ (["left", "center", "right"][place]);
        pen.fillText(short(sign * range || 0), (width * place) / 2, top + HIGH - 11);
      });
      pen.textAlign = "left";
      return `${this.names[stage]}: half of them from ${part(0.25)} to ${part(0.75)}`;
    });
    say(this.chart.said, `${told[0][0].toUpperCase()}${told.join("; ").slice(1)}.`);
  }

  point() {}
}
