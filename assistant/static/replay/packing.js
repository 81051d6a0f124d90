// Where the small maps of a wall stand: groups with headings, side by side where they fit.

/** @typedef {import("./replay.js").Group} Group */
/** @typedef {{network: number, x: number, y: number}} Place */
/** @typedef {{title: string, count: number, x: number, y: number, width: number}} Heading */
/** @typedef {{size: number, height: number, places: Place[], headings: Heading[]}} Packing */

const HEADING = 23; // pixels, with the room above it
const SMALLEST = 24;

/**
 * Place groups into a width and a height. Below the smallest size the wall grows higher than it should.
 * @param {Group[]} groups
 * @param {number} width
 * @param {number} height
 * @param {(title: string) => number} measure the width of a heading's text
 * @param {number} largest how large a map may be
 * @returns {Packing}
 */
export function pack(groups, width, height, measure, largest = 260) {
  const wanted = groups.map(({ title, networks }) => (title ? measure(`${title} · ${networks.length}`) + 2 : 0));
  let size = Math.floor(Math.min(largest, width, height));
  let packing = packed(groups, wanted, width, size);
  while (packing.height > height && size > SMALLEST) packing = packed(groups, wanted, width, --size);
  return packing;
}

/**
 * @param {Group[]} groups
 * @param {number[]} wanted
 * @param {number} width
 * @param {number} size
 * @returns {Packing}
 */
function packed(groups, wanted, width, size) {
  const gap = Math.max(3, Math.round(size * 0.07));
  const most = Math.max(1, Math.floor((width + gap) / (size + gap)));
  /** @type {Place[]} */
  const places = [];
  /** @type {Heading[]} */
  const headings = [];
  let x = 0;
  let top = 0;
  let bottom = 0;
  groups.forEach(({ title, networks }, each) => {
    let columns = Math.ceil(networks.length / Math.ceil(networks.length / most));
    if (columns > 2 && networks.length % columns === 1) columns--; // No map stands alone in the last row.
    const room = Math.min(Math.max(columns * (size + gap) - gap, wanted[each]), width);
    if (x > 0 && x + room > width) [x, top] = [0, bottom];
    const first = top + (title ? HEADING : 0);
    if (title) headings.push({ title, count: networks.length, x, y: top, width: room });
    networks.forEach((network, at) => {
      places.push({
        network,
        x: x + (at % columns) * (size + gap),
        y: first + Math.floor(at / columns) * (size + gap),
      });
    });
    bottom = Math.max(bottom, first + Math.ceil(networks.length / columns) * (size + gap));
    x += room + 3 * gap;
  });
  return { size, height: bottom - gap, places, headings };
}
