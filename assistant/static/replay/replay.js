// A run's replay: fetched, checked and unpacked. docs/replay.md describes the format.

/** @typedef {{sizes: number[], activation: "linear"|"relu"|"sigmoid"|"tanh", loss: string}} Network */
/** @typedef {{name: string, x: number[][], labels: number[], values?: number[], class_names: string[], feature_names: string[]}} Data */
/** @typedef {{title: string, networks: number[]}} Group */
/** @typedef {{label: string, one?: string, values: number[], of?: number}} Count */
/** @typedef {{step: number, caption: string}} Moment */
/** @typedef {{title: string, names: string[], neurons: number[][]}} NeuronColours */
/** @typedef {{shape: number[], float32: string}} Packed */

/** Says in one sentence, to the reader of the page, why there is nothing to play. */
export class ReplayError extends Error {}

/** Networks of one kind at their recorded steps. */
export class Cohort {
  /**
   * @param {any} sent a cohort as it was sent
   * @param {Data} data what it learns, unless it brings its own
   * @param {string} [run] whose cohort it is
   */
  constructor(sent, data, run = "") {
    require(sent && typeof sent.name === "string", "a cohort has no name");
    /** @type {string} */
    this.name = sent.name;
    /** What the server calls it, and the run. */
    this.source = { run, cohort: this.name };
    const inside = `in “${this.name}”`;
    /** @type {string} */
    this.title = String(sent.title ?? sent.name);
    /** What sets it apart from the cohort beside it, where two runs stand beside each other. */
    this.side = "";
    /** Of the first of two beside each other: whether what sets the runs apart touches them. */
    this.touched = false;
    /** Whether a change touches none of the networks that can be watched, so that nothing stands beside them. */
    this.spared = false;
    /** @type {number|undefined} the index of the same cohort of the other run */
    this.twin = undefined;
    this.isBeside = false;
    /** @type {Cohort[]} all cohorts of its run, itself among them */
    this.siblings = [this];
    /** @type {string} */
    this.view = sent.view ?? "map";
    /** @type {Data} */
    this.data = sent.data ? checkedData(sent.data) : data;
    /** @type {Network} */
    this.network = sent.network;
    const sizes = this.network?.sizes;
    require(Array.isArray(sizes) && sizes.length > 1 && sizes.every(isCount), `the network's sizes are missing ${inside}`);
    require(ACTIVATIONS.includes(this.network.activation), `the activation is unknown ${inside}`);
    require(sizes[0] === this.data.x[0].length, `network and data do not fit ${inside}`);
    /** @type {number[]} */
    this.steps = sent.steps;
    require(Array.isArray(this.steps) && this.steps.length > 0, `no step was recorded ${inside}`);
    require(this.steps.every((step, at) => Number.isInteger(step) && step > (this.steps[at - 1] ?? -1)), `the steps are out of order ${inside}`);
    /** How many weights and biases one network has. */
    this.size = sizes.slice(1).reduce((sum, units, layer) => sum + (sizes[layer] + 1) * units, 0);
    const shape = sent.parameters?.shape;
    require(Array.isArray(shape) && shape[0] === this.steps.length && shape[1] === this.size && isCount(shape[2]), `the parameters' shape is wrong ${inside}`);
    /** How many networks were recorded. */
    this.networks = shape[2];
    /** How many the run has. */
    this.of = isCount(sent.of) && sent.of > this.networks ? sent.of : this.networks;
    /** (steps, networks, P): each network's numbers stand together. */
    this.parameters = transposed(unpacked(sent.parameters, `the parameters ${inside}`), this.steps.length, this.size, this.networks);
    /** Each network's loss (steps, networks). */
    this.loss = sent.loss ? this.#fitting(unpacked(sent.loss, `the losses ${inside}`), `the losses ${inside}`) : null;
    /** How many points each network has right (steps, networks). */
    this.right = Array.isArray(sent.right) ? this.#fitting(Float32Array.from(sent.right.flat()), `the points right ${inside}`) : null;
    /** @type {Count[]} */
    this.counts = Object.values(sent.counts ?? {});
    require(this.counts.every((count) => Array.isArray(count?.values) && count.values.length === this.steps.length), `the counts do not fit the steps ${inside}`);
    /** Which networks the first count counts at each step, as strings of 0 and 1. @type {string[]|null} */
    this.counted = Array.isArray(sent.counted) ? sent.counted : null;
    require(!this.counted || this.counted.length === this.steps.length, `the counts do not fit the steps ${inside}`);
    this.groups = this.#groups(sent.groups);
    this.groupsAtStart = this.#groups(sent.groups_at_start);
    /** @type {Moment|null} */
    this.moment = Number.isFinite(sent.moment?.step) ? sent.moment : null;
    /** @type {boolean[]} */
    this.diverged = Array.isArray(sent.diverged) ? sent.diverged : [];
    /** Which neuron of which network has which colour: by what it became instead of by its number. */
    this.colours = /** @type {NeuronColours|null} */ (Array.isArray(sent.color_by?.neurons) ? sent.color_by : null);
  }

  /** Its name among all that are shown. */
  get fullTitle() {
    return [this.title, this.side].filter(Boolean).join(", ");
  }

  /** The last recorded step. */
  get end() {
    return this.steps[this.steps.length - 1];
  }

  /**
   * The numbers of one network at a recorded step.
   * @param {number} at index among the steps
   * @param {number} network
   */
  recorded(at, network) {
    const from = (at * this.networks + network) * this.size;
    return this.parameters.subarray(from, from + this.size);
  }

  /**
   * Write the numbers of one network at a position between recorded steps; what is no number is not mixed in before
   * its step is reached.
   * @param {number} position among the steps: 2.5 is half way from the third to the fourth
   * @param {number} network
   * @param {Float32Array} into
   */
  interpolate(position, network, into) {
    const at = Math.floor(position);
    const share = position - at;
    const before = this.recorded(at, network);
    into.set(before);
    if (share === 0) return into;
    const after = this.recorded(at + 1, network);
    for (let each = 0; each < into.length; each++) {
      const mixed = before[each] + (after[each] - before[each]) * share;
      if (Number.isFinite(mixed)) into[each] = mixed;
    }
    return into;
  }

  /**
   * Whether a network has left the finite numbers at a recorded step.
   * @param {number} at
   * @param {number} network
   */
  isDiverged(at, network) {
    const last = at === this.steps.length - 1 && this.diverged[network];
    const loss = this.loss?.[at * this.networks + network] ?? 0;
    return last || !Number.isFinite(loss) || !this.recorded(at, network).every(Number.isFinite);
  }

  /**
   * The networks in groups, or all in one without a title.
   * @param {string} by "became", "began" or "none"
   * @returns {Group[]}
   */
  groupedBy(by) {
    const groups = by === "became" ? this.groups : by === "began" ? this.groupsAtStart : [];
    return groups.length && this.networks > 1 ? groups : [{ title: "", networks: [...Array(this.networks).keys()] }];
  }

  /**
   * The position of a step among the recorded ones.
   * @param {number} step
   */
  positionOf(step) {
    const { steps } = this;
    if (step >= this.end) return steps.length - 1;
    const after = Math.max(steps.findIndex((each) => each > step), 1);
    return Math.max(after - 1 + (step - steps[after - 1]) / (steps[after] - steps[after - 1]), 0);
  }

  /**
   * The step at a position.
   * @param {number} position
   */
  stepAt(position) {
    const at = Math.floor(position);
    const next = this.steps[at + 1] ?? this.steps[at];
    return this.steps[at] + (next - this.steps[at]) * (position - at);
  }

  /**
   * Whether the first count counts a network at a recorded step. Such networks are framed.
   * @param {number} at
   * @param {number} network
   */
  isCounted(at, network) {
    return this.counted?.[at][network] === "1";
  }

  /**
   * Check that there is one number for each network at each step.
   * @param {Float32Array} numbers
   * @param {string} what
   */
  #fitting(numbers, what) {
    require(numbers.length === this.steps.length * this.networks, `${what} do not fit the steps`);
    return numbers;
  }

  /**
   * Groups of recorded networks; those that none of them names come last.
   * @param {unknown} sent
   * @returns {Group[]}
   */
  #groups(sent) {
    if (!Array.isArray(sent)) return [];
    const left = new Set(Array(this.networks).keys());
    /** @type {Group[]} */
    const groups = sent.map(({ title, networks }) => ({
      title: String(title),
      networks: networks.filter((/** @type {number} */ network) => left.delete(network)),
    }));
    if (left.size) groups.push({ title: "others", networks: [...left] });
    return groups.filter((group) => group.networks.length);
  }
}

const ACTIVATIONS = ["linear", "relu", "sigmoid", "tanh"];

/**
 * Fetch a replay and return its cohorts. No cookies are sent, so that it works in any frame.
 * @param {string} address
 * @returns {Promise<Cohort[]>}
 */
export async function load(address) {
  let response;
  try {
    response = await fetch(address, { credentials: "omit", headers: { Accept: "application/json" } });
  } catch {
    throw new ReplayError("The replay could not be fetched: the server did not answer.");
  }
  if (response.status === 410) throw new ReplayError("The replay of this old run was deleted; its numbers stay.");
  if (response.status === 404) throw new ReplayError("There is no replay of this run.");
  if (!response.ok) throw new ReplayError(`The replay could not be fetched: the server answered ${response.status}.`);
  let sent;
  try {
    sent = await response.json();
  } catch {
    throw new ReplayError("The replay is damaged: it is no JSON, or ends too early.");
  }
  return cohorts(sent);
}

/**
 * Check a replay as it was sent and return its cohorts.
 * @param {any} sent
 * @returns {Cohort[]}
 */
export function cohorts(sent) {
  require(Array.isArray(sent?.cohorts) && sent.cohorts.length > 0, "it holds no networks");
  try {
    const data = checkedData(sent.data);
    const run = typeof sent.run === "string" ? sent.run : "";
    /** @type {Cohort[]} */
    const all = sent.cohorts.map((/** @type {any} */ cohort) => new Cohort(cohort, data, run));
    for (const cohort of all) cohort.siblings = all.filter(({ size, view }) => size === cohort.size && view === cohort.view);
    return all;
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    throw new ReplayError("The replay is damaged: a part of it has another form than it should.");
  }
}

/**
 * Put the cohorts of a run beside those of the same name of another run; none where all of them are the same.
 * @param {Cohort[]} run
 * @param {Cohort[]} other
 * @param {string|null} title what sets the first run apart
 * @param {string|null} titleBeside
 */
export function paired(run, other, title, titleBeside) {
  /** @type {Cohort[]} */
  const all = [];
  for (const own of run) {
    const beside = other.find(({ name }) => name === own.name);
    if (!beside) continue;
    // How many steps were recorded depends on the other networks of a run.
    const [ended, endedBeside] = [own, beside].map(({ parameters, size, networks }) => parameters.slice(-size * networks));
    own.touched = own.steps.at(-1) !== beside.steps.at(-1) || ended.length !== endedBeside.length || ended.some((each, at) => !Object.is(each, endedBeside[at]));
    [own.side, beside.side] = own.touched ? [title ?? "own", titleBeside ?? "changed"] : ["the entry’s own", "not touched by the change"];
    [own.twin, beside.twin] = [all.length + 1, all.length];
    beside.name += "-beside";
    beside.isBeside = true;
    if (run.length === 1) own.title = beside.title = "";
    all.push(own, beside);
  }
  if (!all.length) throw new ReplayError("The two runs have no networks of the same kind to stand beside each other.");
  if (all.some(({ touched }) => touched)) return all;
  for (const own of run) {
    [own.side, own.twin, own.spared] = ["", undefined, true];
  }
  return run;
}

/**
 * @param {any} data
 * @returns {Data}
 */
function checkedData(data) {
  require(Array.isArray(data?.x) && data.x.length > 0 && Array.isArray(data.labels), "its data are missing");
  const width = data.x[0].length;
  const fits = data.x.every((/** @type {number[]} */ row) => row.length === width && row.every(Number.isFinite));
  require(fits && data.labels.length === data.x.length, "its data have gaps");
  const { values } = data;
  require(values === undefined || (values.length === data.x.length && values.every(Number.isFinite)), "the values of its data have gaps");
  return data;
}

/**
 * Decode little-endian single-precision numbers.
 * @param {Packed} sent
 * @param {string} what
 */
function unpacked(sent, what) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(sent.float32), (character) => character.charCodeAt(0));
  } catch {
    throw new ReplayError(`The replay is damaged: ${what} cannot be decoded.`);
  }
  const expected = 4 * sent.shape.reduce((product, each) => product * each, 1);
  require(bytes.length === expected, `${what} are ${bytes.length} bytes, not ${expected}`);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

/**
 * Reorder (steps, P, networks) into (steps, networks, P).
 * @param {Float32Array} sent
 * @param {number} steps
 * @param {number} size
 * @param {number} networks
 */
function transposed(sent, steps, size, networks) {
  const found = new Float32Array(sent.length);
  for (let step = 0; step < steps; step++)
    for (let each = 0; each < size; each++)
      for (let network = 0; network < networks; network++)
        found[(step * networks + network) * size + each] = sent[(step * size + each) * networks + network];
  return found;
}

/** @param {unknown} value */
const isCount = (value) => Number.isInteger(value) && Number(value) > 0;

/**
 * @param {unknown} condition
 * @param {string} fault
 * @returns {asserts condition}
 */
function require(condition, fault) {
  if (!condition) throw new ReplayError(`The replay is damaged: ${fault}.`);
}
