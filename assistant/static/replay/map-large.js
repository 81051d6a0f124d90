// The drawing of a large map, layer on layer.

import { segment } from "./network.js";
import { dash, pointScale, stamp } from "./map-wall.js";

/** @typedef {import("./palette.js").Palette} Palette */
/**
 * @typedef {object} Drawn
 * @property {import("./replay.js").Data} data
 * @property {import("./network.js").Window} window
 * @property {import("./network.js").Layer|null} hidden the layer whose lines are drawn
 * @property {Float32Array} parameters
 * @property {HTMLCanvasElement} picture of the regions
 * @property {string} stamped a word across the map
 * @property {number[]} classes that the network gives the points
 * @property {{points: number[], step: number}} changed
 * @property {[number, number]|null} pointed
 * @property {(unit: number) => number} kindOf
 */

const MOST_LABELS = 8; // more changed points than these are only ringed
const BADGE = 9; // pixels from the middle of a neuron's number to its edge
const HIGH = 9; // pixels of a step that is written
const APART = 16; // pixels between two points that both get a label

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} size
 * @param {Palette} palette
 * @param {Drawn} drawn
 */
export function drawLarge(pen, size, palette, drawn) {
  pen.drawImage(drawn.picture, 0, 0, size, size);
  if (drawn.stamped) stamp(pen, palette, 0, 0, size, drawn.stamped);
  const badges = drawn.hidden ? drawLines(pen, size, palette, drawn, drawn.hidden) : [];
  const places = drawn.data.x.map((x) => drawn.window.share(x).map((share) => share * size));
  const scale = pointScale(places.length);
  drawn.data.labels.forEach((label, each) => {
    const right = drawn.classes[each] === label;
    marker(pen, label, places[each][0], places[each][1], 3.6 * scale);
    pen.fillStyle = palette.ofClass(label);
    pen.strokeStyle = right ? palette.ground : palette.ink;
    pen.lineWidth = (right ? 1 : 1.6) * scale;
    pen.fill();
    pen.stroke();
  });
  drawChanged(pen, palette, drawn.changed, places, badges, size);
  if (!drawn.pointed) return;
  const [x, y] = drawn.pointed.map((share) => share * size);
  pen.lineWidth = 1;
  pen.globalAlpha = 0.5;
  trace(pen, [x, 0, x, size]);
  trace(pen, [0, y, size, y]);
  pen.globalAlpha = 1;
}

/**
 * Ring the points that change, and write the step beside them.
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {Drawn["changed"]} changed
 * @param {number[][]} places
 * @param {number[][]} badges of the neurons
 * @param {number} size
 */
function drawChanged(pen, palette, { points, step }, places, badges, size) {
  pen.strokeStyle = pen.fillStyle = palette.ink;
  pen.font = `600 11px ${palette.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  const scale = pointScale(places.length);
  pen.lineWidth = 1.6 * scale;
  for (const each of points) {
    const [x, y] = places[each];
    pen.beginPath();
    pen.arc(x, y, 8 * scale, 0, 7);
    pen.stroke();
    const width = pen.measureText(String(step)).width;
    const near = points.some((other) => other < each && Math.hypot(places[other][0] - x, places[other][1] - y) < APART);
    if (points.length <= MOST_LABELS && !near) {
      const [left, base] = beside(x, y, width, badges, size);
      pen.fillText(String(step), left, base);
    }
  }
}

/**
 * Return where a word beside a ringed point begins, and its base; on no neuron's badge.
 * @param {number} x
 * @param {number} y
 * @param {number} width of the word
 * @param {number[][]} badges
 * @param {number} size of the map
 * @returns {number[]}
 */
export function beside(x, y, width, badges, size) {
  const offered = [[x + 9, y - 6], [x + 9, y + 14], [x - 9 - width, y - 6], [x - 9 - width, y + 14]];
  const free = offered.find(
    ([left, base]) =>
      left >= 0 && left + width <= size && base >= HIGH && base <= size &&
      badges.every(([across, down]) => Math.hypot(across - Math.min(Math.max(across, left), left + width), down - Math.min(Math.max(down, base - HIGH), base)) > BADGE + 1),
  );
  return free ?? offered[0];
}

/**
 * Draw the neurons' lines, and return where their badges stand.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} size
 * @param {Palette} palette
 * @param {Drawn} drawn
 * @param {import("./network.js").Layer} hidden
 */
function drawLines(pen, size, palette, { window, parameters, kindOf }, hidden) {
  const lines = [...Array(hidden.units).keys()].flatMap((unit) => {
    const plane = window.plane(hidden, parameters, unit);
    const ends = segment(plane)?.map((share) => share * size);
    return ends ? [{ unit, plane, ends }] : [];
  });
  pen.strokeStyle = palette.ground;
  pen.lineWidth = 5;
  for (const { ends } of lines) trace(pen, ends);
  return lines.map((line) => drawLine(pen, palette, kindOf(line.unit), line));
}

/**
 * Draw a neuron's line, its number, and an arrow to its active side.
 * @param {CanvasRenderingContext2D} pen
 * @param {Palette} palette
 * @param {number} kind
 * @param {{unit: number, plane: [number, number, number], ends: number[]}} line
 */
function drawLine(pen, palette, kind, { unit, plane, ends }) {
  const colour = palette.ofNeuron(kind);
  const share = unit % 2 ? 0.2 : 0.8;
  const [x, y] = [ends[0] + (ends[2] - ends[0]) * share, ends[1] + (ends[3] - ends[1]) * share];
  const length = Math.hypot(plane[0], plane[1]);
  const [across, down] = [plane[0] / length, plane[1] / length];
  const [tipX, tipY] = [x + across * 30, y + down * 30];
  const arrow = new Path2D();
  arrow.moveTo(x, y);
  arrow.lineTo(tipX, tipY);
  arrow.moveTo(tipX - 7 * across - 5 * down, tipY - 7 * down + 5 * across);
  arrow.lineTo(tipX, tipY);
  arrow.lineTo(tipX - 7 * across + 5 * down, tipY - 7 * down - 5 * across);
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = palette.ground;
  pen.lineWidth = 5;
  pen.stroke(arrow);
  pen.strokeStyle = colour;
  pen.lineWidth = 2.4;
  pen.stroke(arrow);
  pen.setLineDash(dash(kind).map((each) => each * 2.4));
  trace(pen, ends);
  pen.setLineDash([]);
  pen.beginPath();
  pen.arc(x, y, BADGE, 0, 7);
  pen.fillStyle = colour;
  pen.fill();
  pen.fillStyle = palette.ground;
  pen.font = `700 12px ${palette.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(unit + 1), x, y + 0.5);
  return [x, y];
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} ends
 */
function trace(pen, ends) {
  pen.beginPath();
  pen.moveTo(ends[0], ends[1]);
  pen.lineTo(ends[2], ends[3]);
  pen.stroke();
}

/**
 * Begin the outline of a class's marker: circle, square, triangle, diamond.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} label
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function marker(pen, label, x, y, radius) {
  pen.beginPath();
  if (label % 4 === 0) return pen.arc(x, y, radius, 0, 7);
  const corners = label % 4 === 2 ? 3 : 4;
  const turned = label % 4 === 1 ? Math.PI / 4 : -Math.PI / 2;
  for (let corner = 0; corner < corners; corner++) {
    const angle = turned + (corner * 2 * Math.PI) / corners;
    pen.lineTo(x + Math.cos(angle) * radius * 1.25, y + Math.sin(angle) * radius * 1.25);
  }
  pen.closePath();
}
