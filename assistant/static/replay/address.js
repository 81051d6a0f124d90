// What the address keeps: "#replay&step=126&network=12&pins=main:3&cohort=main". Only what begins so is ours.

/** @typedef {{cohort: number, network: number}} Chosen a network by the index of its cohort */
/** @typedef {{cohort?: number, step?: number, network?: number, pins: Chosen[], ignored: string[]}} Place */

const MARK = "#replay";

/**
 * Read the address; what it says wrongly is named in `ignored`.
 * @param {string} hash
 * @param {import("./replay.js").Cohort[]} cohorts
 * @returns {Place|null}
 */
export function read(hash, cohorts) {
  if (hash !== MARK && !hash.startsWith(`${MARK}&`)) return null;
  const values = new URLSearchParams(hash.slice(MARK.length));
  /** @type {Place} */
  const place = { pins: [], ignored: [] };
  const cohort = values.get("cohort");
  let inside = cohorts[0];
  if (cohort !== null) {
    const named = cohorts.findIndex(({ name }) => name === cohort);
    if (named >= 0) [inside, place.cohort] = [cohorts[named], named];
    else place.ignored.push(`cohort “${cohort}” (there is ${cohorts.map(({ name }) => name).join(", ")})`);
  }
  const { twin } = inside;
  const last = Math.max(inside.end, twin === undefined ? 0 : cohorts[twin].end);
  const step = values.get("step");
  if (step === "moment" && inside.moment) place.step = inside.moment.step; // A text cannot know which step that is.
  else if (step !== null) {
    if (/^\d+(\.\d+)?$/.test(step) && Number(step) <= last) place.step = Number(step);
    else place.ignored.push(`step “${step}” (0 to ${last}${inside.moment ? ", or moment" : ""})`);
  }
  const network = values.get("network");
  if (network !== null) {
    if (isNetwork(network, inside)) place.network = Number(network);
    else place.ignored.push(`network “${network}” (0 to ${inside.networks - 1})`);
  }
  for (const pin of (values.get("pins") ?? "").split(",").filter(Boolean)) {
    const colon = pin.lastIndexOf(":");
    const of = colon < 0 ? inside : cohorts.find(({ name }) => name === pin.slice(0, colon));
    const number = pin.slice(colon + 1);
    if (of && isNetwork(number, of) && place.pins.length < 2) place.pins.push({ cohort: cohorts.indexOf(of), network: Number(number) });
    else place.ignored.push(`pin “${pin}” (two networks at most, such as ${inside.name}:0)`);
  }
  return place;
}

/**
 * Keep a place in the address. A frame may forbid it; then nothing is kept.
 * @param {Omit<Place, "ignored">} place
 * @param {import("./replay.js").Cohort[]} cohorts
 */
export function write({ cohort, step, network, pins }, cohorts) {
  const parts = [MARK];
  const nameOf = (/** @type {number} */ each) => encodeURIComponent(cohorts[each].name);
  if (cohort) parts.push(`cohort=${nameOf(cohort)}`);
  if (step !== undefined) parts.push(`step=${Number(step.toFixed(2))}`);
  const wall = parts.join("&");
  if (network !== undefined) parts.push(`network=${network}`);
  if (network !== undefined && pins.length) parts.push(`pins=${pins.map((pin) => `${nameOf(pin.cohort)}:${pin.network}`).join(",")}`);
  const { state } = history;
  try {
    // Back closes a network that was opened; in a frame it belongs to the page around.
    const enters = network !== undefined && !state?.opened && self === top;
    if (enters) history.replaceState(state, "", wall);
    history[enters ? "pushState" : "replaceState"](enters ? { opened: true } : state, "", parts.join("&"));
  } catch {
    // The replay plays all the same.
  }
}

/**
 * @param {string} text
 * @param {import("./replay.js").Cohort} cohort
 */
const isNetwork = (text, { networks }) => /^\d+$/.test(text) && Number(text) < networks;
