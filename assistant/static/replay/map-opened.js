// One network with two inputs, large: its regions, lines and points, its numbers, what each of its neurons sees, and what all
// of them say where one points.

import { Diagram } from "./diagram.js";
import { TOUCH, make, penOf, say } from "./dom.js";
import { BROKEN, TIE, Window, activate, classify, forward, layers, probabilities } from "./network.js";
import { drawLarge } from "./map-large.js";
import { Raster } from "./raster.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */

const LARGE = 180; // places in a row of the large map
const SMALL = 56; // and in that of one neuron

/** Paints one network; see views.js. */
export class OpenedMap {
  /**
   * @param {Cohort} cohort
   * @param {number} network
   */
  constructor(cohort, network) {
    this.cohort = cohort;
    this.network = network;
    this.window = new Window(cohort.data);
    this.layers = layers(cohort.network);
    this.parameters = new Float32Array(cohort.size);
    this.raster = new Raster(cohort.network, this.window, LARGE);
    this.sight = new Raster(cohort.network, this.window, SMALL);
    this.position = 0;
    this.ties = 0;
    /** @type {[number, number]|null} where one points, in shares of the map */
    this.pointed = null;
    /** @type {Palette|null} */
    this.palette = null;
    /** @type {Map<number, {classes: number[], sides: boolean[][]}>} */
    this.known = new Map();
    this.picture = make("canvas", { width: LARGE, height: LARGE });
    this.map = make("canvas", { className: "map", tabIndex: 0, role: "img" });
    this.map.ariaLabel = `Map of network ${network}. The arrow keys point at a place.`;
    this.map.addEventListener("pointermove", (event) => {
      const box = this.map.getBoundingClientRect();
      this.#tellPointed([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    });
    this.map.addEventListener("pointerleave", () => this.#tellPointed(null));
    this.map.addEventListener("keydown", (event) => this.#key(event));
    this.said = make("p", { className: "said", role: "status" });
    this.changes = make("p", { className: "changes" });
    const hidden = this.layers.slice(0, -1);
    this.neurons = hidden.flatMap((layer, depth) => Array.from({ length: layer.units }, (_, unit) => this.#neuron(layer, depth, unit)));
    this.outputs = this.#outputs();
    const { sizes } = cohort.network;
    this.diagram = new Diagram(cohort, network, (palette, depth, unit) => (depth < hidden.length ? this.#colour(palette, depth, unit) : palette.ofClass(sizes[depth + 1] === 1 ? 1 : unit)));
    const axes = make("p", { className: "axes" }, `→ ${cohort.data.feature_names[0]}`, make("span", {}, `↑ ${cohort.data.feature_names[1]}`));
    this.element = make(
      "div",
      { className: "opened-map" },
      make("div", { className: "large" }, this.map, axes, this.said, this.changes),
      make("div", { className: "parts" }, this.diagram.element, ...this.neurons.map(({ element }) => element), this.outputs.element),
    );
  }

  /**
   * @param {number} position
   * @param {Palette} palette
   */
  paint(position, palette) {
    const { cohort, network, parameters, raster } = this;
    this.position = position;
    cohort.interpolate(position, network, parameters);
    if (palette !== this.palette) {
      this.palette = palette;
      this.shades = palette.shades(Math.max(this.layers[this.layers.length - 1].units, 2));
    }
    const image = new ImageData(LARGE, LARGE);
    this.ties = raster.paintClasses(parameters, this.shades ?? new Uint32Array(0), new Uint32Array(image.data.buffer), 0, LARGE);
    this.picture.getContext("2d")?.putImageData(image, 0, 0);
    this.#drawMap(palette);
    this.diagram.paint(parameters, palette);
    for (const { canvas, layer, depth, unit, numbers } of this.neurons) {
      const signed = cohort.network.activation === "linear" || cohort.network.activation === "tanh";
      const seen = new ImageData(SMALL, SMALL);
      this.sight.paintNeuron(parameters, depth, unit, palette.ramp(this.#colour(palette, depth, unit), signed), new Uint32Array(seen.data.buffer));
      canvas.getContext("2d")?.putImageData(seen, 0, 0);
      say(numbers, this.#formula(layer, unit, depth));
    }
    const last = this.layers[this.layers.length - 1];
    this.outputs.numbers.forEach((numbers, unit) => say(numbers, this.#formula(last, unit, this.layers.length - 1)));
    this.#tell();
  }

  /** @param {Palette} palette */
  #drawMap(palette) {
    const { cohort, network, map, position, window, layers, parameters, picture, ties, pointed } = this;
    const size = map.clientWidth;
    if (!size) return;
    const at = Math.floor(position);
    drawLarge(penOf(map, size, size), size, palette, {
      data: cohort.data,
      window,
      hidden: layers.length > 1 ? layers[0] : null,
      parameters,
      picture,
      stamped: cohort.isDiverged(at, network) ? "diverged" : ties > (LARGE * LARGE) / 2 ? "tie" : "",
      classes: this.#state(at).classes,
      changed: this.#changes(),
      pointed,
      kindOf: (unit) => this.cohort.colours?.neurons[this.network]?.[unit] ?? unit,
    });
  }

  /**
   * The points' classes, and the neurons' sides that they lie on, at a recorded step.
   * @param {number} at
   */
  #state(at) {
    let state = this.known.get(at);
    if (state) return state;
    const { cohort } = this;
    const parameters = cohort.recorded(at, this.network);
    const all = cohort.data.x.map((x) => forward(cohort.network, parameters, x));
    state = { classes: all.map((values) => classify(values[values.length - 1])), sides: all.map((values) => Array.from(values[0], (z) => z > 0)) };
    this.known.set(at, state);
    return state;
  }

  /** The points that change their class or a side between the two recorded steps that are nearest, and when. */
  #changes() {
    const { cohort, position } = this;
    const after = Math.ceil(position);
    if (after === 0) return { points: [], step: 0, classes: 0, sides: 0 };
    const [one, other] = [this.#state(after - 1), this.#state(after)];
    const all = [...cohort.data.x.keys()];
    const classes = all.filter((each) => one.classes[each] !== other.classes[each]);
    const sides = this.layers.length > 1 ? all.filter((each) => one.sides[each].some((side, unit) => side !== other.sides[each][unit])) : [];
    return { points: [...new Set([...classes, ...sides])], step: cohort.steps[after], classes: classes.length, sides: sides.length };
  }

  /**
   * Point at a place, here and in what stands beside it.
   * @param {[number, number]|null} pointed
   */
  #tellPointed(pointed) {
    this.point(pointed);
    this.element.dispatchEvent(new CustomEvent("pointed", { detail: pointed }));
  }

  /** @param {[number, number]|null} pointed */
  point(pointed) {
    const inside = (/** @type {number} */ share) => Math.min(Math.max(share, 0), 1);
    this.pointed = pointed && [inside(pointed[0]), inside(pointed[1])];
    if (!this.palette) return;
    this.#drawMap(this.palette);
    this.#tell();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [u, v] = this.pointed ?? [0.5, 0.5];
    this.#tellPointed([u + move[0] * 0.02, v + move[1] * 0.02]);
  }

  /** Say what stands under the pointer, and what changes here. */
  #tell() {
    const { cohort, pointed } = this;
    const { points, step, classes, sides } = this.#changes();
    const many = (/** @type {number} */ count) => `${count} ${count === 1 ? "point" : "points"}`;
    const parts = [];
    if (classes) parts.push(`${many(classes)} change${classes === 1 ? "s" : ""} class`);
    if (sides) parts.push(`${many(sides)} ${sides === 1 ? "is" : "are"} passed by a line`);
    say(this.changes, points.length ? `By step ${step.toLocaleString("en")} (ringed): ${parts.join(", ")}.` : "");
    if (!pointed) {
      for (const { says } of this.neurons) say(says, "");
      this.outputs.says.forEach((says) => say(says, ""));
      this.outputs.bars.forEach((bar) => bar.style.setProperty("--share", "0%"));
      say(this.said, `${TOUCH ? "Tap" : "Point at"} a place to see what the neurons say there.`);
      return;
    }
    const x = this.window.place(...pointed);
    const values = forward(cohort.network, this.parameters, x);
    for (const { says, depth, unit } of this.neurons) say(says, ` says ${short(activate(cohort.network.activation, values[depth][unit]))}`);
    const outputs = values[values.length - 1];
    outputs.forEach((value, unit) => say(this.outputs.says[unit], ` says ${short(value)}`));
    const shares = probabilities(outputs);
    this.outputs.bars.forEach((bar, each) => bar.style.setProperty("--share", `${100 * shares[each]}%`));
    const winner = classify(outputs);
    const names = cohort.data.class_names;
    const verdict = winner === BROKEN ? "no finite number" : winner === TIE ? "a tie" : `${names[winner] ?? String(winner)}, ${(100 * shares[winner]).toFixed(0)} %`;
    say(this.said, `At ${cohort.data.feature_names.map((name, axis) => `${name} = ${short(x[axis])}`).join(", ")}: ${verdict}.`);
  }

  /**
   * @param {Palette} palette
   * @param {number} depth
   * @param {number} unit
   */
  #colour(palette, depth, unit) {
    const became = depth === 0 ? this.cohort.colours?.neurons[this.network]?.[unit] : undefined;
    return palette.ofNeuron(became ?? unit);
  }

  /**
   * @param {import("./network.js").Layer} layer
   * @param {number} depth
   * @param {number} unit
   */
  #neuron(layer, depth, unit) {
    const canvas = make("canvas", { width: SMALL, height: SMALL, ariaHidden: "true" });
    const says = make("output", {});
    const numbers = make("span", { className: "numbers" });
    const became = depth === 0 ? this.cohort.colours?.neurons[this.network]?.[unit] : undefined;
    const name = became === undefined ? "" : ` (${this.cohort.colours?.names[became] ?? "none of these"})`;
    const words = make("div", {}, make("strong", {}, `Neuron ${depth ? `${depth + 1}.` : ""}${unit + 1}`), name, says, numbers);
    return { element: make("div", { className: "neuron" }, canvas, words), canvas, says, numbers, layer, depth, unit };
  }

  #outputs() {
    const { class_names: names } = this.cohort.data;
    const { units } = this.layers[this.layers.length - 1];
    const bars = /** @type {HTMLElement[]} */ ([]);
    const says = /** @type {HTMLElement[]} */ ([]);
    const numbers = /** @type {HTMLElement[]} */ ([]);
    const rows = (units === 1 ? [0, 1] : [...Array(units).keys()]).map((each) => {
      const bar = make("i");
      bars.push(bar);
      const row = make("div", { className: "output" }, bar, make("strong", {}, names[each] ?? String(each)));
      row.style.setProperty("--class", `var(--replay-class-${each % 6})`);
      if (units > 1 || each === 1) {
        const [say, own] = [make("output", {}), make("span", { className: "numbers" })];
        says.push(say);
        numbers.push(own);
        row.append(say, own);
      }
      return row;
    });
    return { element: make("div", { className: "outputs" }, ...rows), bars, says, numbers };
  }

  /**
   * Weights and bias of one unit as numbers.
   * @param {import("./network.js").Layer} layer
   * @param {number} unit
   * @param {number} depth
   */
  #formula({ inputs, units, kernel, bias }, unit, depth) {
    const names = depth ? Array.from({ length: inputs }, (_, input) => `n${String.fromCodePoint(0x2081 + input)}`) : this.cohort.data.feature_names;
    const terms = names.map((name, input) => `${short(this.parameters[kernel + input * units + unit])}\u00a0·\u00a0${name}`);
    return [...terms, short(this.parameters[bias + unit])].join(" +\u00a0").replaceAll("+\u00a0−", "−\u00a0");
  }
}

/** @param {number} value */
function short(value) {
  if (!Number.isFinite(value)) return "no number";
  return (Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(2)).replace("-", "−");
}
