// The colours by role, read from the style sheet, so that light and dark pages each have their own.

import { EXTRA, LEVELS } from "./raster.js";

/** @typedef {[number, number, number]} Colour */

/** What is drawn with: every colour of the style sheet, and the pixels that are made from them. */
export class Palette {
  /** @param {Element} element whose custom properties name the colours */
  constructor(element) {
    const style = getComputedStyle(element);
    const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    /** @param {string} name */
    const read = (name) => {
      pen.fillStyle = "#888888";
      pen.fillStyle = style.getPropertyValue(`--replay-${name}`).trim();
      return String(pen.fillStyle);
    };
    this.ground = read("ground"); // under maps
    this.ink = read("ink");
    this.muted = read("muted");
    this.line = read("line");
    this.right = read("right"); // the frame of a network that has every point right
    this.mark = read("mark"); // courses and what can be dragged
    this.font = style.getPropertyValue("--sans").trim() || "system-ui, sans-serif"; // the page's own
    this.grey = read("grey"); // ties, and what has no colour of its own
    this.classes = Array.from({ length: 6 }, (_, each) => read(`class-${each}`));
    this.neurons = Array.from({ length: 6 }, (_, each) => read(`neuron-${each}`));
    const [unsure, sure] = ["unsure", "sure"].map((name) => Number(style.getPropertyValue(`--replay-${name}`)) || 0.4);
    this.tints = { unsure, sure };
  }

  /** @param {number} each */
  ofClass(each) {
    return this.classes[each % this.classes.length] ?? this.grey;
  }

  /** @param {number} each */
  ofNeuron(each) {
    return each < 0 ? this.grey : this.neurons[each % this.neurons.length];
  }

  /**
   * The pixels of the classes' shades, as `Raster.paintClasses` takes them.
   * @param {number} classes
   */
  shades(classes) {
    const shades = new Uint32Array(classes * LEVELS + EXTRA);
    const ground = parsed(this.ground);
    for (let each = 0; each < classes; each++) {
      for (let level = 0; level < LEVELS; level++) {
        const sureness = Math.tanh((level + 0.5) / 16); // Of two classes: the difference of their probabilities.
        const tint = this.tints.unsure + (this.tints.sure - this.tints.unsure) * sureness;
        shades[each * LEVELS + level] = pixel(mixed(ground, parsed(this.ofClass(each)), tint));
      }
    }
    const grey = parsed(this.grey);
    [0.14, 0.4, 0.14, 0.14].forEach((tint, extra) => {
      shades[classes * LEVELS + extra] = pixel(mixed(ground, grey, tint));
    });
    return shades;
  }

  /**
   * The pixels of a neuron's output from low to high; with `signed`, from grey over the ground.
   * @param {string} colour
   * @param {boolean} signed
   */
  ramp(colour, signed) {
    const ground = parsed(this.ground);
    const [low, high] = [parsed(this.grey), parsed(colour)];
    return Uint32Array.from({ length: LEVELS }, (_, level) => {
      const share = signed ? (2 * level) / (LEVELS - 1) - 1 : level / (LEVELS - 1);
      return pixel(mixed(ground, share < 0 ? low : high, 0.04 + 0.8 * Math.abs(share)));
    });
  }
}

/** @param {string} colour #rrggbb @returns {Colour} */
function parsed(colour) {
  const number = Number.parseInt(colour.slice(1, 7), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** @param {Colour} from @param {Colour} to @param {number} share @returns {Colour} */
function mixed(from, to, share) {
  return /** @type {Colour} */ (from.map((each, at) => Math.round(each + (to[at] - each) * share)));
}

/** @param {Colour} colour a pixel of an ImageData on a little-endian machine, as all that run browsers are */
const pixel = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
