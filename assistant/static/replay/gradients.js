// The view `gradients`: what every example would change in each weight, if the network learned from it alone. For
// networks with one hidden layer; the equations are those of models/backpropagation.py.

import { Chart, parameterNames, short, usualSize } from "./chart.js";
import { TOUCH, key, make, say } from "./dom.js";
import { activate, forward, probabilities } from "./network.js";
import { stamp } from "./map-wall.js";
import { LEVELS } from "./raster.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

const BINS = 47; // an odd number, so that one of them is around 0
const ROW = 21; // pixels of an opened network's row

/**
 * The gradient of every example's own loss (examples, P).
 * @param {Cohort} cohort
 * @param {Float32Array} parameters
 */
export function gradients({ network, data, size }, parameters) {
  const [inputs, hidden, outputs] = network.sizes;
  const [bias, kernel, last] = [inputs * hidden, (inputs + 1) * hidden, (inputs + 1 + outputs) * hidden];
  const found = new Float32Array(data.x.length * size);
  data.x.forEach((x, example) => {
    const at = example * size;
    const [sums, logits] = forward(network, parameters, x);
    const shares = probabilities(logits);
    const errors = outputs === 1 ? [shares[1] - data.labels[example]] : shares.map((share, each) => share - Number(each === data.labels[example]));
    for (let unit = 0; unit < hidden; unit++) {
      const output = activate(network.activation, sums[unit]);
      let arriving = 0;
      for (let each = 0; each < outputs; each++) {
        arriving += errors[each] * parameters[kernel + unit * outputs + each];
        found[at + kernel + unit * outputs + each] = output * errors[each];
      }
      const delta = arriving * slope(network.activation, sums[unit], output);
      for (let input = 0; input < inputs; input++) found[at + input * hidden + unit] = x[input] * delta;
      found[at + bias + unit] = delta;
    }
    for (let each = 0; each < outputs; each++) found[at + last + each] = errors[each];
  });
  return found;
}

/**
 * @param {string} activation
 * @param {number} sum
 * @param {number} output
 */
function slope(activation, sum, output) {
  if (activation === "sigmoid") return output * (1 - output);
  if (activation === "tanh") return 1 - output * output;
  return activation === "relu" ? Number(sum > 0) : 1;
}

/**
 * The mean over the examples, of each weight.
 * @param {Float32Array} all
 * @param {number} size
 */
function means(all, size) {
  const mean = new Float64Array(size);
  all.forEach((value, at) => (mean[at % size] += value));
  return mean.map((sum) => (sum * size) / all.length);
}

/** Paints a row for each weight: where the examples' gradients lie, 0 in the middle, and their mean as a mark. */
export class Wall {
  /**
   * @param {Cohort} cohort
   * @param {Palette} palette
   */
  constructor(cohort, palette) {
    this.cohort = cohort;
    this.palette = palette;
    this.largest = usualSize(cohort, (parameters) => gradients(cohort, parameters));
    this.parameters = new Float32Array(cohort.size);
    this.ramps = cohort.data.class_names.map((_, each) => palette.ramp(palette.ofClass(each), false));
    this.atlas = make("canvas", { width: BINS, height: cohort.size });
    const classes = cohort.data.class_names.map((name, each) => key("dot", { background: palette.ofClass(each) }, name));
    this.legend = make("p", { className: "legend" }, ...classes, "each row a weight, left of the middle to be raised, right to be lowered; the mark is the mean");
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size
   * @param {number} _ratio
   * @param {number} position
   */
  paint(pen, places, size, _ratio, position) {
    const { cohort, palette, largest, atlas } = this;
    const classes = this.ramps.length;
    const atlasPen = /** @type {CanvasRenderingContext2D} */ (atlas.getContext("2d"));
    const image = new ImageData(BINS, cohort.size);
    const pixels = new Uint32Array(image.data.buffer);
    const full = cohort.data.x.length / 6;
    const height = size / cohort.size;
    pen.imageSmoothingEnabled = false;
    for (const { network, x, y } of places) {
      const all = gradients(cohort, cohort.interpolate(position, network, this.parameters));
      const counts = new Uint16Array(classes * BINS * cohort.size);
      all.forEach((value, at) => {
        const bin = Math.min(Math.max(Math.round((value / largest + 1) * (BINS >> 1)), 0), BINS - 1);
        const example = Math.floor(at / cohort.size);
        counts[((at % cohort.size) * BINS + (bin || 0)) * classes + cohort.data.labels[example]]++;
      });
      for (let place = 0; place < pixels.length; place++) {
        let [most, sum] = [0, 0];
        for (let each = 0; each < classes; each++) {
          const count = counts[place * classes + each];
          sum += count;
          if (count > counts[place * classes + most]) most = each;
        }
        pixels[place] = this.ramps[most][Math.round((LEVELS - 1) * Math.min(Math.sqrt(sum / full), 1))];
      }
      atlasPen.putImageData(image, 0, 0);
      pen.drawImage(atlas, x, y, size, size);
      pen.fillStyle = palette.ink;
      means(all, cohort.size).forEach((mean, row) => {
        const across = x + size * (0.5 + Math.min(Math.max(mean / largest, -1), 1) / 2);
        pen.fillRect(across - 0.75, y + row * height, 1.5, Math.max(height, 1));
      });
      if (cohort.isDiverged(Math.floor(position), network)) stamp(pen, palette, x, y, size, "diverged");
    }
    pen.imageSmoothingEnabled = true;
  }
}

/** Shows one network: a row for each weight, a dot for each example; one can point at an example. */
export class Opened {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   */
  constructor(cohort, network) {
    this.cohort = cohort;
    this.network = network;
    this.names = parameterNames(cohort);
    this.largest = usualSize(cohort, (parameters) => gradients(cohort, parameters));
    this.all = new Float32Array(0);
    /** @type {number|null} the example that is pointed at */
    this.example = null;
    this.chart = new Chart(`Gradients of network ${network}`, "A dot is what one example alone would change: left of the line it raises the weight, right of it lowers it. The mark is the mean, which the step follows.");
    this.element = this.chart.element;
    const { canvas } = this.chart;
    canvas.addEventListener("pointermove", (event) => this.#point(event));
    canvas.addEventListener("pointerleave", () => this.#tell(null));
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    this.palette = palette;
    this.all = gradients(this.cohort, this.cohort.interpolate(position, this.network, new Float32Array(this.cohort.size)));
    this.#draw();
  }

  /** @param {number|null} example */
  point(example) {
    this.example = example;
    this.#draw();
  }

  #draw() {
    const { cohort, palette, all, example } = this;
    const begun = palette && this.chart.begin(ROW * cohort.size);
    if (!palette || !begun) return;
    const [pen, width, height] = begun;
    const left = Math.min(150, width * 0.42);
    this.left = left;
    const x = (/** @type {number} */ value) => left + 6 + (width - left - 12) * (0.5 + Math.min(Math.max(value / this.largest, -1), 1) / 2);
    pen.fillStyle = palette.line;
    pen.fillRect(x(0) - 0.5, 0, 1, height);
    const mean = means(all, cohort.size);
    this.names.forEach((name, row) => {
      const y = row * ROW;
      pen.fillStyle = palette.muted;
      pen.fillText(name, 0, y + ROW / 2, left - 4);
      pen.globalAlpha = 0.45;
      cohort.data.labels.forEach((label, each) => {
        pen.fillStyle = palette.ofClass(label);
        pen.fillRect(x(all[each * cohort.size + row]) - 1, y + 3 + ((each * 7) % (ROW - 8)), 2.5, 2.5);
      });
      pen.globalAlpha = 1;
      pen.fillStyle = palette.ink;
      pen.fillRect(x(mean[row]) - 1, y + 1, 2, ROW - 2);
      if (example === null) return;
      pen.beginPath();
      pen.arc(x(all[example * cohort.size + row]), y + ROW / 2, 4.5, 0, 7);
      pen.fillStyle = palette.ofClass(cohort.data.labels[example]);
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = palette.ink;
      pen.stroke();
    });
    say(this.chart.said, this.#words(mean));
  }

  /** @param {Float64Array} mean */
  #words(mean) {
    const { data } = this.cohort;
    if (this.example === null) return `Largest mean gradient: ${short(Math.max(...mean.map(Math.abs)))}. ${TOUCH ? "Tap" : "Point at"} a dot to see that example in every row.`;
    const x = data.x[this.example];
    const where = data.feature_names.map((name, axis) => `${name} ${short(x[axis])}`).join(", ");
    return `Example ${this.example + 1}, ${data.class_names[data.labels[this.example]]}: ${where}.`;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { cohort, all, left = 0 } = this;
    const box = this.chart.canvas.getBoundingClientRect();
    const row = Math.min(Math.max(Math.floor((event.clientY - box.top) / ROW), 0), cohort.size - 1);
    const value = ((event.clientX - box.left - left - 6) / (box.width - left - 12) - 0.5) * 2 * this.largest;
    let nearest = 0;
    for (let each = 1; each < cohort.data.x.length; each++)
      if (Math.abs(all[each * cohort.size + row] - value) < Math.abs(all[nearest * cohort.size + row] - value)) nearest = each;
    this.#tell(nearest);
  }

  /** @param {number|null} example */
  #tell(example) {
    this.point(example);
    this.element.dispatchEvent(new CustomEvent("pointed", { detail: example }));
  }
}
