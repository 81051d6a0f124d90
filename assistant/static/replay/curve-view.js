// The view `curve`: what a network with one input says along its axis, where there are data and beyond them.

import { Chart, short } from "./chart.js";
import { Diagram } from "./diagram.js";
import { TOUCH, key, make, say } from "./dom.js";
import { judge } from "./map-wall.js";
import { activate, forward, layers } from "./network.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

const MOVING = 33; // places at which a small curve is computed while it moves
const STANDING = 97;
const LARGE = 241;
const BESIDE = 0.5; // of the data's width, shown on either side of them

/** The part of the plane that is shown. Inside, places are shares of its sides: (0, 0) is left and top. */
class Frame {
  /** @param {Cohort} cohort */
  constructor({ data: { x, values = [] } }) {
    const across = x.map(([each]) => each);
    this.first = Math.min(...across);
    this.last = Math.max(...across);
    const space = this.last - this.first || 1;
    this.left = this.first - BESIDE * space;
    this.width = space * (1 + 2 * BESIDE);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = high - low || 1;
    this.top = high + 0.5 * room;
    this.height = 2 * room;
  }

  /** @param {number} x */
  across(x) {
    return (x - this.left) / this.width;
  }

  /** @param {number} y */
  down(y) {
    return (this.top - y) / this.height;
  }
}

/**
 * What a network says at places that lie evenly across a frame.
 * @param {Cohort} cohort
 * @param {Float32Array} parameters
 * @param {Frame} frame
 * @param {number} places
 */
function values({ network }, parameters, frame, places) {
  return Float32Array.from({ length: places }, (_, each) => {
    const x = frame.left + (frame.width * each) / (places - 1);
    return forward(network, parameters, [x])[network.sizes.length - 2][0];
  });
}

/**
 * Draw values that lie evenly across a square, inside of it.
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<number>} found
 * @param {Frame} frame
 * @param {Place|{x: number, y: number}} place
 * @param {number} width
 * @param {number} height
 */
function trace(pen, found, frame, { x, y }, width, height) {
  pen.beginPath();
  for (let each = 0; each < found.length; each++) {
    const down = frame.down(found[each]);
    if (Number.isFinite(down)) pen.lineTo(x + (width * each) / (found.length - 1), y + height * Math.min(Math.max(down, -9), 9));
  }
  pen.stroke();
}

/**
 * Draw the ground, darker where there are data, and the points.
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {Cohort} cohort
 * @param {Frame} frame
 * @param {{x: number, y: number}} place
 * @param {number} width
 * @param {number} height
 * @param {number} radius
 */
function ground(pen, palette, { data }, frame, { x, y }, width, height, radius) {
  pen.fillStyle = palette.ground;
  pen.fillRect(x, y, width, height);
  pen.globalAlpha = 0.16;
  pen.fillStyle = palette.grey;
  pen.fillRect(x + width * frame.across(frame.first), y, width * (frame.across(frame.last) - frame.across(frame.first)), height);
  pen.globalAlpha = 1;
  pen.fillStyle = palette.muted;
  data.x.forEach(([each], row) => {
    pen.beginPath();
    pen.arc(x + width * frame.across(each), y + height * frame.down(data.values?.[row] ?? NaN), radius, 0, 7);
    pen.fill();
  });
}

/** Paints each network's curve over the points that it learned. */
export class Wall {
  /**
   * @param {Cohort} cohort
   * @param {Palette} palette
   */
  constructor(cohort, palette) {
    this.cohort = cohort;
    this.palette = palette;
    this.frame = new Frame(cohort);
    this.parameters = new Float32Array(cohort.size);
    this.legend = make(
      "p",
      { className: "legend" },
      key("dot", { background: palette.muted }, "learned points"),
      key("dash", { borderTop: `3px solid ${palette.ofNeuron(0)}` }, "network"),
      make("span", {}, "grey ground: where there are data"),
    );
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size
   * @param {number} _ratio
   * @param {number} position
   * @param {boolean} moving
   */
  paint(pen, places, size, _ratio, position, moving) {
    const { cohort, palette, frame } = this;
    for (const place of places) {
      pen.save();
      pen.beginPath();
      pen.rect(place.x, place.y, size, size);
      pen.clip();
      ground(pen, palette, cohort, frame, place, size, size, Math.max(size / 90, 0.7));
      const found = values(cohort, cohort.interpolate(position, place.network, this.parameters), frame, moving ? MOVING : STANDING);
      pen.strokeStyle = palette.ofNeuron(0);
      pen.lineWidth = size < 48 ? 1.3 : 2;
      pen.lineJoin = "round";
      trace(pen, found, frame, place, size, size);
      pen.restore();
      judge(pen, palette, cohort, position, place, size);
    }
  }
}

/** Shows one network's curve large, with what each hidden neuron adds to it; one can point at a place. */
export class Opened {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   */
  constructor(cohort, network) {
    this.cohort = cohort;
    this.network = network;
    this.frame = new Frame(cohort);
    this.parameters = new Float32Array(cohort.size);
    /** @type {number|null} where one points, as a share of the width */
    this.pointed = null;
    /** @type {Palette|null} */
    this.palette = null;
    const simple = cohort.network.sizes.length === 3;
    const parts = simple ? " Thin and dashed: what each hidden neuron adds; together with the output's bias they are the curve." : "";
    this.chart = new Chart(`Curve of network ${network}`, `Across: ${cohort.data.feature_names[0]}; up: the value. Thick: what the network says; beside the grey ground it had no data.${parts}`);
    this.diagram = new Diagram(cohort, network, (palette, depth, unit) => palette.ofNeuron(depth === cohort.network.sizes.length - 2 ? 0 : unit + 1));
    this.element = make("div", {}, this.chart.element, this.diagram.element);
    const { canvas } = this.chart;
    canvas.addEventListener("pointermove", (event) => this.#tell(event.offsetX / canvas.clientWidth));
    canvas.addEventListener("pointerleave", () => this.#tell(null));
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    this.palette = palette;
    this.cohort.interpolate(position, this.network, this.parameters);
    this.diagram.paint(this.parameters, palette);
    this.#draw();
  }

  /** @param {number|null} pointed */
  point(pointed) {
    this.pointed = pointed === null ? null : Math.min(Math.max(pointed, 0), 1);
    this.#draw();
  }

  #draw() {
    const { cohort, palette, frame, parameters, pointed } = this;
    const begun = palette && this.chart.begin(null);
    if (!palette || !begun) return;
    const [pen, width] = begun;
    const corner = { x: 0, y: 0 };
    ground(pen, palette, cohort, frame, corner, width, width, 2.6);
    pen.fillStyle = palette.line;
    pen.fillRect(0, width * frame.down(0), width, 1);
    pen.fillRect(width * frame.across(0), 0, 1, width);
    pen.lineJoin = "round";
    pen.lineWidth = 1.1;
    pen.setLineDash([5, 3]);
    this.#parts().forEach((part, unit) => {
      pen.strokeStyle = palette.ofNeuron(unit + 1);
      trace(pen, part, frame, corner, width, width);
    });
    pen.setLineDash([]);
    pen.strokeStyle = palette.ofNeuron(0);
    pen.lineWidth = 3;
    trace(pen, values(cohort, parameters, frame, LARGE), frame, corner, width, width);
    pen.fillStyle = palette.muted;
    for (const x of [frame.first, frame.last]) pen.fillText(short(x), width * frame.across(x) + 4, width - 10);
    if (pointed === null) say(this.chart.said, `${TOUCH ? "Tap" : "Point at"} a place to read its value.`);
    else {
      const x = frame.left + frame.width * pointed;
      const y = forward(cohort.network, parameters, [x])[cohort.network.sizes.length - 2][0];
      pen.fillRect(width * pointed, 0, 1, width);
      pen.beginPath();
      pen.arc(width * pointed, width * frame.down(y), 4.5, 0, 7);
      pen.fillStyle = palette.ink;
      pen.fill();
      const where = x < frame.first || x > frame.last ? "beyond the data" : "among the data";
      say(this.chart.said, `At ${cohort.data.feature_names[0]} = ${short(x)}, ${where}, the network says ${short(y)}.`);
    }
  }

  /** What each neuron of a single hidden layer adds to the output. */
  #parts() {
    const { cohort: { network }, parameters, frame } = this;
    const [hidden, output] = layers(network);
    if (network.sizes.length !== 3) return [];
    return [...Array(hidden.units).keys()].map((unit) =>
      Float32Array.from({ length: LARGE }, (_, each) => {
        const x = frame.left + (frame.width * each) / (LARGE - 1);
        return parameters[output.kernel + unit] * activate(network.activation, parameters[hidden.kernel + unit] * x + parameters[hidden.bias + unit]);
      }),
    );
  }

  /** @param {number|null} pointed */
  #tell(pointed) {
    this.point(pointed);
    this.element.dispatchEvent(new CustomEvent("pointed", { detail: pointed }));
  }
}
