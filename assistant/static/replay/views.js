// The ways to draw a replay, each a module of its own. A cohort names its view; without one it is drawn as maps.

import * as curve from "./curve-view.js";
import * as gradients from "./gradients.js";
import { OpenedMap } from "./map-opened.js";
import { MapWall } from "./map-wall.js";
import * as path from "./path.js";
import { ReplayError } from "./replay.js";
import * as signals from "./signals.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./packing.js").Place} Place */

/**
 * Draws the small pictures of a wall; its legend says what they are made of.
 * @typedef {{legend: HTMLElement, paint(pen: CanvasRenderingContext2D, places: Place[], size: number, ratio: number, position: number, moving: boolean): void}} WallPainter
 */
/**
 * Shows one network: an element, drawn anew for each position. Where one points in it, it sends the event "pointed", and
 * those beside it are told of the place.
 * @typedef {{element: HTMLElement, paint(position: number, palette: Palette): void, point(place: any): void}} OpenedPainter
 */
/**
 * @typedef {object} View
 * @property {new (cohort: Cohort, palette: Palette) => WallPainter} Wall
 * @property {new (cohort: Cohort, network: number) => OpenedPainter} Opened
 * @property {boolean} [openedFirst] whether a reader sees one network first, and all of them when they ask
 */

/** @type {Map<string, View>} */
const VIEWS = new Map(Object.entries({ map: { Wall: MapWall, Opened: OpenedMap }, curve, gradients, path: { ...path, openedFirst: true }, signals }));

/**
 * Return the view that a cohort names.
 * @param {Cohort} cohort
 * @returns {View}
 */
export function viewOf(cohort) {
  const view = VIEWS.get(cohort.view);
  if (!view) throw new ReplayError(`This page cannot yet draw a replay as “${cohort.view}”.`);
  if (cohort.view === "map" && cohort.network.sizes[0] !== 2) throw new ReplayError("A map needs two features; these networks have another number.");
  if (cohort.view === "curve" && (cohort.network.sizes[0] !== 1 || cohort.network.sizes[cohort.network.sizes.length - 1] !== 1 || !cohort.data.values)) throw new ReplayError("A curve needs one feature, one output and the values that are learned; these networks have others.");
  if (cohort.view === "gradients" && cohort.network.sizes.length !== 3) throw new ReplayError("Gradients are drawn of networks with one hidden layer; these have another number.");
  return view;
}
