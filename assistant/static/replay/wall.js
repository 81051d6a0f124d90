// The wall: the small maps on one canvas, and over each a button, so that they are reached by pointer, keyboard and
// screen reader alike.

import { pack } from "./packing.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./replay.js").Group} Group */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */
/** @typedef {{cohort: Cohort, groups: Group[], painter: import("./views.js").WallPainter}} Pane */
/** @typedef {Place & {pane: number, button: HTMLButtonElement}} Tile */

const BETWEEN = 28; // pixels between two cohorts side by side

/** One or two cohorts' networks, side by side. */
export class Wall {
  /**
   * @param {HTMLElement} stage the box to fill
   * @param {(pane: number, network: number) => void} open called when a map is chosen
   * @param {(tile: Tile|null) => void} point called with the map that is pointed at
   */
  constructor(stage, open, point) {
    this.stage = stage;
    this.open = open;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.headings = document.createElement("div");
    this.headings.setAttribute("aria-hidden", "true");
    this.grid = document.createElement("div");
    this.grid.setAttribute("role", "grid");
    this.grid.setAttribute("aria-readonly", "true");
    stage.append(this.canvas, this.headings, this.grid);
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {Pane[]} */
    this.panes = [];
    /** @type {Tile[]} */
    this.tiles = [];
    this.size = 0;
    this.skipped = false;
    this.grid.addEventListener("pointerover", (event) => point(this.tiles.find(({ button }) => button === event.target) ?? null));
    this.grid.addEventListener("pointerout", () => point(null));
    this.grid.addEventListener("keydown", (event) => this.#move(event));
  }

  /**
   * Lay the wall out anew for the size that its stage has now.
   * @param {Pane[]} panes
   */
  layOut(panes) {
    const focused = this.tiles.find(({ button }) => button.matches(":focus"));
    this.panes = panes;
    const { clientWidth: width, clientHeight: height } = this.stage;
    const each = (width - BETWEEN * (panes.length - 1)) / panes.length;
    this.pen.font = `600 13px ${getComputedStyle(this.stage).fontFamily}`;
    const packAll = (/** @type {number|undefined} */ largest) =>
      panes.map(({ groups }) => pack(groups, each, height, (title) => this.pen.measureText(title).width, largest));
    let packings = packAll(undefined);
    this.size = Math.min(...packings.map(({ size }) => size));
    if (panes.length > 1) packings = packAll(this.size); // Side by side, maps are of one size.
    this.tiles = [];
    this.headings.replaceChildren();
    this.grid.replaceChildren();
    packings.forEach(({ places, headings, size }, pane) => {
      const { groups } = panes[pane];
      const used = Math.max(...places.map(({ x }) => x)) + size;
      const left = pane * (each + BETWEEN) + (headings.length ? 0 : Math.max(0, (each - used) / 2));
      for (const { title, count, x, y, width: room } of headings)
        this.#heading(`${count} · ${title}`, left + x, y, room);
      const rows = new Map();
      for (const place of places) {
        const group = groups.find(({ networks }) => networks.includes(place.network));
        const key = `${group?.title} ${place.y}`;
        if (!rows.has(key)) {
          const row = document.createElement("div");
          row.setAttribute("role", "row");
          if (group?.title) row.setAttribute("aria-label", `${group.title}: ${group.networks.length} networks`);
          rows.set(key, row);
          this.grid.append(row);
        }
        rows.get(key).append(this.#tile(place, pane, size, left).button);
      }
    });
    const lowest = Math.max(...this.tiles.map(({ y }) => y)) + this.size;
    const ratio = Math.min(devicePixelRatio || 1, 3);
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(Math.max(height, lowest + 2) * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    const again = this.tiles.find(({ pane, network }) => pane === focused?.pane && network === focused.network);
    this.#reach(again ?? this.tiles[0]);
    if (again) again.button.focus();
  }

  /**
   * Draw the maps that can be seen.
   * @param {number[]} positions among the recorded steps, of each pane
   * @param {boolean} moving a moving wall is drawn more coarsely
   */
  paint(positions, moving) {
    const { pen, canvas, ratio = 1, size } = this;
    const box = canvas.getBoundingClientRect();
    const seen = this.tiles.filter(({ y }) => box.top + y + size > 0 && box.top + y < innerHeight);
    this.skipped = seen.length < this.tiles.length;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.panes.forEach(({ painter }, pane) => {
      const places = seen.filter((tile) => tile.pane === pane);
      painter.paint(pen, places, size, ratio, positions[pane], moving);
    });
  }

  /**
   * Name every map by what it shows at a recorded step.
   * @param {number[]} positions
   */
  name(positions) {
    for (const tile of this.tiles) {
      const name = this.nameOf(tile, positions[tile.pane]);
      if (tile.button.ariaLabel !== name) tile.button.ariaLabel = name;
    }
  }

  /**
   * @param {Tile} tile
   * @param {number} position
   */
  nameOf({ pane, network }, position) {
    const { cohort } = this.panes[pane];
    return `Network ${network}${this.panes.length > 1 ? `, ${cohort.side || cohort.title}` : ""}: ${describe(cohort, network, position)}`;
  }

  /**
   * @param {number} pane
   * @param {number} network
   */
  focus(pane, network) {
    const tile = this.tiles.find((each) => each.pane === pane && each.network === network);
    if (!tile) return;
    this.#reach(tile);
    tile.button.focus();
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {number} width
   */
  #heading(text, x, y, width) {
    const heading = document.createElement("p");
    heading.className = "heading";
    heading.textContent = text;
    heading.title = text;
    Object.assign(heading.style, { left: `${x}px`, top: `${y}px`, maxWidth: `${width}px` });
    this.headings.append(heading);
  }

  /**
   * @param {Place} place
   * @param {number} pane
   * @param {number} size
   * @param {number} left
   */
  #tile({ network, x, y }, pane, size, left) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "gridcell");
    button.tabIndex = -1;
    const tile = { network, pane, x: left + x, y, button };
    Object.assign(button.style, { left: `${tile.x}px`, top: `${tile.y}px`, width: `${size}px`, height: `${size}px` });
    button.addEventListener("click", () => this.open(pane, network));
    button.addEventListener("focus", () => this.#reach(tile));
    this.tiles.push(tile);
    return tile;
  }

  /**
   * Make one map the one that Tab reaches.
   * @param {Tile|undefined} tile
   */
  #reach(tile) {
    for (const { button } of this.tiles) button.tabIndex = button === tile?.button ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const at = this.tiles.findIndex(({ button }) => button === event.target);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    /** @type {Record<string, Tile|undefined>} */
    const goals = {
      ArrowLeft: this.tiles[at - 1],
      ArrowRight: this.tiles[at + 1],
      ArrowUp: this.#beyond(this.tiles[at], -1),
      ArrowDown: this.#beyond(this.tiles[at], 1),
      Home: this.tiles[0],
      End: this.tiles[this.tiles.length - 1],
    };
    if (!(event.key in goals)) return;
    event.preventDefault();
    event.stopPropagation();
    goals[event.key]?.button.focus();
  }

  /**
   * The nearest map above or below another.
   * @param {Tile} from
   * @param {1|-1} direction
   */
  #beyond(from, direction) {
    const distance = (/** @type {Tile} */ to) => 10 * Math.abs(to.y - from.y) + Math.abs(to.x - from.x);
    return this.tiles
      .filter((tile) => tile.pane === from.pane && (tile.y - from.y) * direction > 0)
      .sort((one, other) => distance(one) - distance(other))[0];
  }
}

/**
 * Say in words how far a network is at a position; between recorded steps, at the one before.
 * @param {Cohort} cohort
 * @param {number} network
 * @param {number} position
 */
export function describe(cohort, network, position) {
  const at = Math.floor(position);
  if (cohort.isDiverged(at, network)) return "diverged, its numbers are no longer finite";
  const right = cohort.right?.[at * cohort.networks + network];
  return right === undefined ? `at step ${cohort.steps[at]}` : `${right} of ${cohort.data.x.length} right`;
}
