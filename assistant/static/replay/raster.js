// The hot loop: what a network says on a grid of places, as pixels. Rows of numbers are computed layer by layer; along
// a row, a neuron of the first layer changes by the same amount from place to place.

import { layers } from "./network.js";

/** @typedef {import("./replay.js").Network} Network */
/** @typedef {import("./network.js").Window} Window */

/** Shades of a class, from unsure to sure; a step of margin between the two largest outputs is one eighth. */
export const LEVELS = 64;
const LEVELS_PER_NAT = 8;
/** After the classes come two pixels for a tie and two for what is no number; each pair makes a hatch. */
export const EXTRA = 4;

/** Computes rows for one kind of network; its buffers are used again and again. */
export class Raster {
  /**
   * @param {Network} network
   * @param {Window} window
   * @param {number} side places in a row, and rows
   */
  constructor(network, window, side) {
    this.network = network;
    this.window = window;
    this.side = side;
    this.layers = layers(network);
    /** @type {[number, number, number][]} */
    this.planes = this.layers[0] ? Array(this.layers[0].units).fill([0, 0, 0]) : [];
    this.rows = this.layers.map(({ units }) => Array.from({ length: units }, () => new Float64Array(side)));
  }

  /**
   * Fill a square of pixels with the shades of the classes; return how many of them are a tie.
   * @param {Float32Array} parameters
   * @param {Uint32Array} shades LEVELS for each class, then EXTRA
   * @param {Uint32Array} pixels
   * @param {number} from the first pixel's index
   * @param {number} stride pixels in a row of the picture
   */
  paintClasses(parameters, shades, pixels, from, stride) {
    const { side } = this;
    const outputs = this.rows[this.rows.length - 1];
    const classes = outputs.length === 1 ? 2 : outputs.length;
    const tie = classes * LEVELS;
    const paint = outputs.length === 1 ? paintLogit : paintLargest;
    let ties = 0;
    this.#aim(parameters);
    for (let row = 0; row < side; row++) {
      this.#fill(parameters, row, outputs);
      ties += paint(outputs, shades, pixels, from + row * stride, row, tie);
    }
    return ties;
  }

  /**
   * Fill a square of pixels with one hidden neuron's output, shades[0] for the lowest.
   * @param {Float32Array} parameters
   * @param {number} layer
   * @param {number} unit
   * @param {Uint32Array} shades
   * @param {Uint32Array} pixels (side, side)
   */
  paintNeuron(parameters, layer, unit, shades, pixels) {
    const { side } = this;
    const { activation } = this.network;
    const values = new Float64Array(side * side);
    const rows = this.rows[layer];
    this.#aim(parameters);
    for (let row = 0; row < side; row++) {
      this.#fill(parameters, row, rows);
      act(activation, rows[unit]);
      values.set(rows[unit], row * side);
    }
    let size = 0;
    for (const value of values) size = Math.max(size, Math.abs(value));
    const low = activation === "relu" || activation === "sigmoid" ? 0 : -1;
    const span = activation === "sigmoid" || activation === "tanh" ? 1 : size || 1;
    for (let each = 0; each < values.length; each++) {
      const share = (values[each] / span - low) / (1 - low);
      pixels[each] = shades[Math.min(Math.max(share * shades.length, 0), shades.length - 1) | 0];
    }
    return size;
  }

  /**
   * Find the plane of each neuron of the first layer.
   * @param {Float32Array} parameters
   */
  #aim(parameters) {
    for (let unit = 0; unit < this.planes.length; unit++)
      this.planes[unit] = this.window.plane(this.layers[0], parameters, unit);
  }

  /**
   * Compute one row of pre-activations, up to the layer that `last` are the rows of.
   * @param {Float32Array} parameters
   * @param {number} row
   * @param {Float64Array[]} last
   */
  #fill(parameters, row, last) {
    const { side } = this;
    const first = this.rows[0];
    const v = (row + 0.5) / side;
    for (let unit = 0; unit < first.length; unit++) {
      const [a, b, c] = this.planes[unit];
      const values = first[unit];
      const change = a / side;
      let z = b * v + c + change / 2;
      for (let x = 0; x < side; x++) {
        values[x] = z;
        z += change;
      }
    }
    for (let at = 1; this.rows[at - 1] !== last; at++) {
      const { inputs, units, kernel, bias } = this.layers[at];
      for (let input = 0; input < inputs; input++) act(this.network.activation, this.rows[at - 1][input]);
      for (let unit = 0; unit < units; unit++) {
        const sums = this.rows[at][unit];
        sums.fill(parameters[bias + unit]);
        for (let input = 0; input < inputs; input++) {
          const weight = parameters[kernel + input * units + unit];
          const values = this.rows[at - 1][input];
          for (let x = 0; x < side; x++) sums[x] += weight * values[x];
        }
      }
    }
  }
}

/**
 * Apply an activation to a row in place.
 * @param {Network["activation"]} activation
 * @param {Float64Array} values
 */
function act(activation, values) {
  if (activation === "relu") for (let x = 0; x < values.length; x++) values[x] = values[x] < 0 ? 0 : values[x];
  else if (activation === "sigmoid") for (let x = 0; x < values.length; x++) values[x] = sigmoid(values[x]);
  else if (activation === "tanh") for (let x = 0; x < values.length; x++) values[x] = 2 * sigmoid(2 * values[x]) - 1;
}

// A table in place of an exponential for each pixel: faster by far, and within 3e-6.
const REACH = 20;
const DENSITY = 64;
const SIGMOID = Float64Array.from({ length: 2 * REACH * DENSITY + 2 }, (_, at) => 1 / (1 + Math.exp(REACH - at / DENSITY)));

/** @param {number} z */
function sigmoid(z) {
  const place = (z + REACH) * DENSITY;
  if (!(place > 0)) return z !== z ? z : 0;
  if (place >= 2 * REACH * DENSITY) return 1;
  const at = place | 0;
  return SIGMOID[at] + (SIGMOID[at + 1] - SIGMOID[at]) * (place - at);
}

/**
 * @param {Float64Array[]} outputs
 * @param {Uint32Array} shades
 * @param {Uint32Array} pixels
 * @param {number} at
 * @param {number} row
 * @param {number} tie
 */
function paintLargest(outputs, shades, pixels, at, row, tie) {
  const classes = outputs.length;
  const side = outputs[0].length;
  let ties = 0;
  for (let x = 0; x < side; x++) {
    let best = 0;
    let largest = outputs[0][x];
    let second = -Infinity;
    for (let each = 1; each < classes; each++) {
      const value = outputs[each][x];
      if (value > largest) {
        second = largest;
        largest = value;
        best = each;
      } else if (value > second) second = value;
    }
    const margin = largest - second;
    if (margin > 0) {
      const level = margin * LEVELS_PER_NAT;
      pixels[at + x] = shades[best * LEVELS + (level < LEVELS ? level | 0 : LEVELS - 1)];
    } else {
      if (margin === 0) ties++;
      pixels[at + x] = shades[tie + (margin === 0 ? 0 : 2) + (((x + row) >> 2) & 1)];
    }
  }
  return ties;
}

/**
 * @param {Float64Array[]} outputs the single one, a logit
 * @param {Uint32Array} shades
 * @param {Uint32Array} pixels
 * @param {number} at
 * @param {number} row
 * @param {number} tie
 */
function paintLogit([logits], shades, pixels, at, row, tie) {
  let ties = 0;
  for (let x = 0; x < logits.length; x++) {
    const z = logits[x];
    const level = Math.min(Math.abs(z) * LEVELS_PER_NAT, LEVELS - 1) | 0;
    if (z > 0) pixels[at + x] = shades[LEVELS + level];
    else if (z < 0) pixels[at + x] = shades[level];
    else {
      if (z === 0) ties++;
      pixels[at + x] = shades[tie + (z === 0 ? 0 : 2) + (((x + row) >> 2) & 1)];
    }
  }
  return ties;
}
