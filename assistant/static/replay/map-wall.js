// The wall of networks with two inputs: maps of classes, neurons' lines and points.

import { key, make } from "./dom.js";
import { Window, layers, segment } from "./network.js";
import { Raster } from "./raster.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

const MOVING = 48; // places in a row of a map while it moves
const STANDING = 144; // at most, while it stands
const TILES = 8; // maps in a row of the picture that they are computed into
const MANY = 200; // points; more are drawn smaller, so that together they hide no more of a map than so many do

/** Paints many small maps at once. */
export class MapWall {
  /**
   * @param {Cohort} cohort
   * @param {Palette} palette
   */
  constructor(cohort, palette) {
    this.cohort = cohort;
    this.palette = palette;
    this.window = new Window(cohort.data);
    this.parameters = Array.from({ length: cohort.networks }, () => new Float32Array(cohort.size));
    this.shades = palette.shades(Math.max(cohort.network.sizes[cohort.network.sizes.length - 1], 2));
    this.atlas = document.createElement("canvas");
    this.atlasPen = /** @type {CanvasRenderingContext2D} */ (this.atlas.getContext("2d"));
    this.points = document.createElement("canvas");
    this.side = 0;
    this.legend = this.#legend();
    this.pixels = new Uint32Array(0);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size of a map
   * @param {number} ratio device pixels in a pixel
   * @param {number} position among the recorded steps
   * @param {boolean} moving
   */
  paint(pen, places, size, ratio, position, moving) {
    if (!places.length) return;
    const device = Math.max(1, Math.round(size * ratio));
    this.#prepare(moving ? Math.min(MOVING, device) : Math.min(STANDING, device), device, ratio);
    const { cohort, palette, side, image, raster } = this;
    if (!image || !raster) return;
    const at = Math.floor(position);
    const ties = places.map(({ network }, each) => {
      const from = (Math.floor(each / TILES) * TILES * side + (each % TILES)) * side;
      cohort.interpolate(position, network, this.parameters[network]);
      return raster.paintClasses(this.parameters[network], this.shades, this.pixels, from, TILES * side);
    });
    this.atlasPen.putImageData(image, 0, 0);
    places.forEach(({ x, y }, each) => {
      const [left, top] = [(each % TILES) * side, Math.floor(each / TILES) * side];
      pen.drawImage(this.atlas, left, top, side, side, x, y, size, size);
    });
    this.#lines(pen, places, size);
    places.forEach(({ network, x, y }, each) => {
      pen.drawImage(this.points, x, y, size, size);
      if (ties[each] > (side * side) / 2 && !cohort.isDiverged(at, network)) stamp(pen, palette, x, y, size, "tie");
      else judge(pen, palette, cohort, position, { network, x, y }, size);
    });
  }

  /** Name the colours of the classes and of the lines. */
  #legend() {
    const { data, network, colours } = this.cohort;
    const classes = data.class_names.map((name, each) => key("dot", { background: this.palette.ofClass(each) }, name));
    const hidden = network.sizes.length > 2 ? network.sizes[1] : 0;
    /** @type {string[]} Beyond six, neurons are drawn as the first ones are, once more. */
    const names = [...(colours?.names ?? [])];
    for (let unit = 0; unit < hidden && !colours; unit++) names[unit % 6] = unit < 6 ? `neuron ${unit + 1}` : `${names[unit % 6]}, ${unit + 1}`;
    const drawn = new Set(colours ? colours.neurons.flat() : names.keys());
    const lines = [...names.keys(), -1].filter((each) => drawn.has(each)).map((each) => {
      const style = ["solid", "dashed", "dotted"][Math.max(each, 0) % 3];
      return key("dash", { borderTop: `3px ${style} ${this.palette.ofNeuron(each)}` }, names[each] ?? "none of these");
    });
    const tie = key("dot", { background: "repeating-linear-gradient(135deg, gray 0 1px, transparent 1px 3px)" }, "a tie");
    return make("p", { className: "legend" }, ...classes, tie, ...lines);
  }

  /**
   * Make buffers and the picture of the points for a size.
   * @param {number} side
   * @param {number} device
   * @param {number} ratio
   */
  #prepare(side, device, ratio) {
    const { cohort, palette } = this;
    if (side !== this.side) {
      this.side = side;
      this.raster = new Raster(cohort.network, this.window, side);
      this.atlas.width = TILES * side;
      this.atlas.height = Math.ceil(cohort.networks / TILES) * side;
      this.image = new ImageData(this.atlas.width, this.atlas.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    if (device === this.points.width) return;
    this.points.width = this.points.height = device;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.points.getContext("2d"));
    const rows = cohort.data.x.length;
    const radius = Math.min(Math.max(device / 60, 0.6 * ratio), 3 * ratio) * (rows > 20 ? pointScale(rows) : 1.8);
    cohort.data.x.forEach((x, each) => {
      const [u, v] = this.window.share(x);
      pen.fillStyle = palette.ofClass(cohort.data.labels[each]);
      pen.beginPath();
      pen.arc(u * device, v * device, radius, 0, 7);
      pen.fill();
    });
  }

  /**
   * Draw the lines of the first layer's neurons, those of one colour at once.
   * @param {CanvasRenderingContext2D} pen
   * @param {Place[]} places
   * @param {number} size
   */
  #lines(pen, places, size) {
    const { cohort, palette } = this;
    const first = layers(cohort.network)[0];
    if (cohort.network.sizes.length < 3) return;
    /** @type {Map<number, Path2D>} */
    const paths = new Map();
    for (const { network, x, y } of places) {
      for (let unit = 0; unit < first.units; unit++) {
        const ends = segment(this.window.plane(first, this.parameters[network], unit));
        if (!ends) continue;
        const kind = cohort.colours?.neurons[network]?.[unit] ?? unit;
        let path = paths.get(kind);
        if (!path) paths.set(kind, (path = new Path2D()));
        path.moveTo(x + ends[0] * size, y + ends[1] * size);
        path.lineTo(x + ends[2] * size, y + ends[3] * size);
      }
    }
    const kinds = [...paths].sort(([one], [other]) => one - other);
    pen.strokeStyle = palette.ground;
    pen.lineWidth = size < 48 ? 1.8 : 2.8;
    for (const [kind, path] of kinds) if (!dash(kind).length) pen.stroke(path);
    pen.lineWidth = size < 48 ? 1.1 : 1.5;
    for (const [kind, path] of kinds) {
      pen.strokeStyle = palette.ofNeuron(kind);
      pen.setLineDash(dash(kind).map((each) => each * pen.lineWidth));
      pen.stroke(path);
    }
    pen.setLineDash([]);
  }
}

/**
 * A neuron's dashes, in widths of its line: where two neurons draw the same line, both colours are seen.
 * @param {number} kind
 */
export const dash = (kind) => [[], [7, 2], [2, 1.5]][Math.max(kind, 0) % 3];

/**
 * By what the size of a point is multiplied where a map shows so many.
 * @param {number} points
 */
export const pointScale = (points) => Math.min(1, Math.sqrt(MANY / points));

/**
 * Write a word across a map.
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} word
 */
export function stamp(pen, palette, x, y, size, word) {
  const height = Math.max(7.5, Math.min(15, size * 0.17));
  pen.font = `600 ${height}px ${palette.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = palette.ground;
  pen.fillRect(x, y + size / 2 - height * 0.75, size, height * 1.5);
  pen.fillStyle = palette.ink;
  pen.fillText(word, x + size / 2, y + size / 2, size - 2);
}

/**
 * Frame a network that the first count counts, and write across one that diverged.
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {Cohort} cohort
 * @param {number} position
 * @param {Place} place
 * @param {number} size
 */
export function judge(pen, palette, cohort, position, { network, x, y }, size) {
  const at = Math.floor(position);
  if (cohort.isDiverged(at, network)) stamp(pen, palette, x, y, size, "diverged");
  else if (cohort.isCounted(at, network)) {
    pen.strokeStyle = palette.right;
    pen.lineWidth = size < 48 ? 1.25 : 2;
    pen.strokeRect(x, y, size, size);
  }
}
