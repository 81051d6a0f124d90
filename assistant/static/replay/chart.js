// What the views without maps have in common: a chart with its words, ranges, and which values are drawn.

import { make, penOf } from "./dom.js";

/** @typedef {import("./replay.js").Cohort} Cohort */

/** A canvas as wide as its place, with a line of words below it. */
export class Chart {
  /**
   * @param {string} name for a screen reader
   * @param {string} explained what the chart shows
   */
  constructor(name, explained) {
    this.canvas = make("canvas", { className: "chart", role: "img", ariaLabel: `${name}. ${explained}` });
    this.said = make("p", { className: "said", role: "status" });
    this.element = make("div", { className: "opened-chart" }, this.canvas, make("p", { className: "axes" }, explained), this.said);
  }

  /**
   * Return a clean pen and the width, or null where the chart is not shown.
   * @param {number|null} height in pixels; null for a square
   * @returns {[CanvasRenderingContext2D, number, number]|null}
   */
  begin(height) {
    const width = this.canvas.clientWidth;
    if (!width) return null;
    const high = height ?? width;
    this.canvas.style.height = `${high}px`;
    const pen = penOf(this.canvas, width, high);
    pen.font = `13px ${getComputedStyle(this.canvas).fontFamily}`;
    pen.textBaseline = "middle";
    return [pen, width, high];
  }
}

/**
 * Read some networks at some steps, to find the size that all but a few stay below.
 * @param {Cohort} cohort
 * @param {(parameters: Float32Array) => ArrayLike<number>} valuesOf
 */
export function usualSize(cohort, valuesOf, share = 0.98) {
  /** @type {number[]} */
  const sizes = [];
  const last = cohort.steps.length - 1;
  for (let network = 0; network < Math.min(cohort.networks, 8); network++)
    for (const at of new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last))))
      for (const value of Array.from(valuesOf(cohort.recorded(at, network)))) if (Number.isFinite(value)) sizes.push(Math.abs(value));
  sizes.sort((one, other) => one - other);
  return sizes[Math.floor(share * (sizes.length - 1))] || 1;
}

/** @param {number} value */
export const short = (value) => {
  if (!Number.isFinite(value)) return "no number";
  const size = Math.abs(value);
  const text = size >= 1000 || (size > 0 && size < 0.005) ? value.toExponential(1) : value.toFixed(2);
  return text.replace("-", "−");
};

/** @param {Cohort} cohort @param {string[]} names of the inputs */
export function parameterNames({ network: { sizes }, data }, names = data.feature_names) {
  const [, hidden, outputs] = sizes;
  const units = [...Array(hidden).keys()].map((unit) => `neuron ${unit + 1}`);
  const outs = [...Array(outputs).keys()].map((unit) => (outputs === 1 ? "output" : `output ${unit + 1}`));
  return [
    ...names.flatMap((name) => units.map((unit) => `${unit}: ${name}`)),
    ...units.map((unit) => `${unit}: bias`),
    ...units.flatMap((unit) => outs.map((out) => `${out}: ${unit}`)),
    ...outs.map((out) => `${out}: bias`),
  ];
}
