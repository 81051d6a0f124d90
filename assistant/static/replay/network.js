// The equations of one small network, as models/network.py has them, and where its lines lie.

/** @typedef {import("./replay.js").Network} Network */
/** @typedef {import("./replay.js").Data} Data */
/** @typedef {{inputs: number, units: number, kernel: number, bias: number}} Layer */

/** What stands in place of a class where the largest outputs are equal, and where they are no numbers. */
export const TIE = -1;
export const BROKEN = -2;

/**
 * Each layer's sizes, and where its kernel (inputs, units) and bias begin among the parameters.
 * @param {Network} network
 * @returns {Layer[]}
 */
export function layers({ sizes }) {
  let at = 0;
  return sizes.slice(1).map((units, layer) => {
    const inputs = sizes[layer];
    const found = { inputs, units, kernel: at, bias: at + inputs * units };
    at = found.bias + units;
    return found;
  });
}

/**
 * A hidden neuron's output.
 * @param {Network["activation"]} activation
 * @param {number} z
 */
export function activate(activation, z) {
  if (activation === "relu") return z > 0 ? z : z === z ? 0 : z;
  if (activation === "sigmoid") return 1 / (1 + Math.exp(-z));
  return activation === "tanh" ? Math.tanh(z) : z;
}

/**
 * Every layer's pre-activations at one place, in single precision as the run computes them.
 * @param {Network} network
 * @param {Float32Array} parameters
 * @param {ArrayLike<number>} x
 * @returns {Float32Array[]}
 */
export function forward(network, parameters, x) {
  /** @type {ArrayLike<number>} */
  let values = Float32Array.from(x);
  return layers(network).map(({ inputs, units, kernel, bias }, layer) => {
    if (layer) values = Float32Array.from(values, (z) => activate(network.activation, z));
    const found = new Float32Array(units);
    for (let unit = 0; unit < units; unit++) {
      let sum = 0;
      for (let input = 0; input < inputs; input++)
        sum = Math.fround(sum + Math.fround(values[input] * parameters[kernel + input * units + unit]));
      found[unit] = sum + parameters[bias + unit];
    }
    values = found;
    return found;
  });
}

/**
 * The class that outputs speak for: the largest, or of a single one whether it is above 0.
 * @param {ArrayLike<number>} outputs
 */
export function classify(outputs) {
  let best = 0;
  let tie = outputs.length === 1 && outputs[0] === 0;
  for (let each = 0; each < outputs.length; each++) {
    if (!Number.isFinite(outputs[each])) return BROKEN;
    if (each === 0) continue;
    if (outputs[each] > outputs[best]) {
      best = each;
      tie = false;
    } else if (outputs[each] === outputs[best]) tie = true;
  }
  if (tie) return TIE;
  return outputs.length === 1 ? Number(outputs[0] > 0) : best;
}

/**
 * The probabilities of the classes that outputs stand for.
 * @param {ArrayLike<number>} outputs
 */
export function probabilities(outputs) {
  const logits = outputs.length === 1 ? [0, outputs[0]] : Array.from(outputs);
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((power) => power / sum);
}

/** The part of the plane that a map shows. Inside, places are shares of its sides: (0, 0) is left and top. */
export class Window {
  /** @param {Data} data */
  constructor({ x }, margin = 0.09) {
    const [across, up] = [0, 1].map((axis) => {
      const values = x.map((row) => row[axis]);
      const low = Math.min(...values);
      const space = Math.max(...values) - low || 1;
      return { low: low - margin * space, span: space * (1 + 2 * margin) };
    });
    this.left = across.low;
    this.width = across.span;
    this.height = up.span;
    this.top = up.low + up.span;
  }

  /** @param {ArrayLike<number>} x @returns {[number, number]} */
  share(x) {
    return [(x[0] - this.left) / this.width, (this.top - x[1]) / this.height];
  }

  /** @param {number} u @param {number} v @returns {[number, number]} */
  place(u, v) {
    return [this.left + u * this.width, this.top - v * this.height];
  }

  /**
   * A neuron's pre-activation as a function of shares: a * u + b * v + c.
   * @param {Layer} layer
   * @param {Float32Array} parameters
   * @param {number} unit
   * @returns {[number, number, number]}
   */
  plane({ units, kernel, bias }, parameters, unit) {
    const first = parameters[kernel + unit];
    const second = parameters[kernel + units + unit];
    return [first * this.width, -second * this.height, parameters[bias + unit] + first * this.left + second * this.top];
  }
}

/**
 * The two ends [u, v, u, v] of the line a * u + b * v + c = 0 inside the unit square, or null where it is outside.
 * @param {[number, number, number]} plane
 * @returns {[number, number, number, number]|null}
 */
export function segment([a, b, c]) {
  // Walk along (-b, a) from the point nearest to the middle, and clip by each pair of sides.
  const length = Math.hypot(a, b);
  if (!(length > 1e-9) || !Number.isFinite(c)) return null;
  const distance = (a / 2 + b / 2 + c) / length;
  const u = 0.5 - (distance * a) / length;
  const v = 0.5 - (distance * b) / length;
  const along = [-b / length, a / length];
  let from = -2;
  let to = 2;
  for (const [start, slope] of [[u, along[0]], [v, along[1]]]) {
    if (Math.abs(slope) < 1e-9) {
      if (start < 0 || start > 1) return null;
      continue;
    }
    const ends = [-start / slope, (1 - start) / slope];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  if (from >= to) return null;
  return [u + from * along[0], v + from * along[1], u + to * along[0], v + to * along[1]];
}
