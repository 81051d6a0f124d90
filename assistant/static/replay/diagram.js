// One network as a diagram: its units in columns, its weights as lines between them.

import { make, penOf } from "./dom.js";
import { layers } from "./network.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */

const MOST = 140; // lines; more are a mass

export class Diagram {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   * @param {(palette: Palette, depth: number, unit: number) => string} colourOf a unit's; the outputs are the last layer
   */
  constructor(cohort, network, colourOf) {
    this.layers = layers(cohort.network);
    this.colourOf = colourOf;
    this.names = cohort.data.feature_names.map((name) => (name.length > 3 ? name[0] : name));
    // The largest weight of each layer at any recorded step, without its sign.
    this.largest = this.layers.map(({ inputs, units, kernel }) => {
      const weights = cohort.steps.flatMap((_, at) => Array.from(cohort.recorded(at, network).subarray(kernel, kernel + inputs * units), Math.abs));
      return Math.max(...weights.filter(Number.isFinite), 1e-6);
    });
    const { sizes } = cohort.network;
    const lines = this.layers.reduce((sum, { inputs, units }) => sum + inputs * units, 0);
    this.thickest = Math.min(Math.max(200 / lines, 2), 6);
    this.most = Math.max(...sizes); // units in a column
    this.height = Math.min(Math.max(26 * this.most, 84), 168);
    this.canvas = make("canvas", { className: "diagram", role: "img" });
    this.canvas.style.height = `${this.height}px`;
    this.canvas.ariaLabel = `Diagram of network ${network}: ${sizes.join(", ")} units, and their weights as lines.`;
    this.element = make("div", {}, this.canvas, make("p", { className: "axes" }, "Thick: a large weight. Dashed: a negative one."));
    this.element.hidden = lines > MOST;
  }

  /**
   * @param {Float32Array} parameters
   * @param {Palette} palette
   */
  paint(parameters, palette) {
    const { canvas, height, layers } = this;
    const width = canvas.clientWidth;
    if (!width) return;
    const pen = penOf(canvas, width, height);
    const radius = Math.min(10, (0.4 * height) / this.most, (0.22 * width) / layers.length);
    const last = layers.length - 1;
    /** @type {(column: number, unit: number, units: number) => [number, number]} */
    const place = (column, unit, units) => [radius + 2 + (column / layers.length) * (width - 2 * radius - 4), ((unit + 0.5) / units) * height];
    layers.forEach(({ inputs, units, kernel }, depth) => {
      for (let each = 0; each < inputs * units; each++) {
        const [input, unit] = [Math.floor(each / units), each % units];
        const weight = parameters[kernel + each];
        if (!Number.isFinite(weight)) continue;
        pen.strokeStyle = depth ? this.colourOf(palette, depth - 1, input) : this.colourOf(palette, 0, unit);
        pen.lineWidth = Math.max((Math.abs(weight) / this.largest[depth]) * this.thickest, 0.4);
        pen.setLineDash(weight < 0 ? [5, 4] : []);
        pen.beginPath();
        pen.moveTo(...place(depth, input, inputs));
        pen.lineTo(...place(depth + 1, unit, units));
        pen.stroke();
      }
    });
    pen.setLineDash([]);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `600 ${Math.max(radius * 1.15, 8)}px ${palette.font}`;
    for (let column = 0; column <= layers.length; column++) {
      const units = column ? layers[column - 1].units : layers[0].inputs;
      for (let unit = 0; unit < units; unit++) {
        const [x, y] = place(column, unit, units);
        const output = column > last;
        pen.fillStyle = column ? this.colourOf(palette, column - 1, unit) : palette.ground;
        pen.strokeStyle = column ? palette.ground : palette.muted;
        pen.lineWidth = 1.5;
        pen.beginPath();
        if (output) pen.rect(x - radius, y - radius, 2 * radius, 2 * radius);
        else pen.arc(x, y, radius, 0, 7);
        pen.fill();
        pen.stroke();
        if (output || radius < 6) continue;
        pen.fillStyle = column ? palette.ground : palette.ink;
        pen.fillText(column ? String(unit + 1) : this.names[unit], x, y + 0.5);
      }
    }
  }
}
