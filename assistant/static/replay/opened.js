// One network opened, or two beside each other: what is the same whatever view draws them.

import { Curve } from "./curve.js";
import { make, say } from "./dom.js";
import { viewOf } from "./views.js";
import { describe } from "./wall.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {{cohort: number, network: number}} Chosen */
/** @typedef {{key: string, cohort: Cohort, network: number, painter: import("./views.js").OpenedPainter, curves: Curve[], element: HTMLElement, state: HTMLElement, pin: HTMLButtonElement}} Panel */

/** The panels in place of the wall. Two networks can be pinned; the current one stands beside a pinned one. */
export class Opened {
  /** @param {{close: () => void, changed: () => void, seek: (position: number) => void}} on */
  constructor(on) {
    this.on = on;
    /** @type {Cohort[]} */
    this.cohorts = [];
    /** @type {Chosen|null} */
    this.current = null;
    /** @type {Chosen[]} */
    this.pins = [];
    /** @type {Panel[]} */
    this.panels = [];
    const back = make("button", { type: "button", className: "back" }, "‹ All networks");
    back.addEventListener("click", on.close);
    this.before = make("button", { type: "button", ariaLabel: "Network before", title: "Network before (←)" }, "←");
    this.before.addEventListener("click", () => this.turn(-1));
    this.after = make("button", { type: "button", ariaLabel: "Next network", title: "Next network (→)" }, "→");
    this.after.addEventListener("click", () => this.turn(1));
    this.bar = make("div", { className: "bar" }, back, this.before, this.after);
    this.body = make("div", { className: "panels" });
    this.element = make("section", { className: "opened", tabIndex: -1, hidden: true }, this.bar, this.body);
  }

  get isOpen() {
    return this.current !== null;
  }

  /**
   * @param {Cohort[]} cohorts
   * @param {Chosen} chosen
   * @param {Chosen[]} [pins]
   */
  open(cohorts, chosen, pins = this.pins) {
    this.cohorts = cohorts;
    this.pins = pins;
    this.current = chosen;
    this.#arrange();
  }

  /** Close what is open; pinned networks stay pinned unless they are what is closed. */
  closeAll() {
    if (this.pins.length > 1) this.pins = [];
    this.current = null;
    this.panels = [];
    this.body.replaceChildren();
    this.element.hidden = true;
  }

  /**
   * Go to the next network or the one before, in the order of their numbers.
   * @param {1|-1} by
   */
  turn(by) {
    if (!this.current || (this.pins.length > 1 && this.#isPinned(this.current))) return;
    const { cohort, network } = this.current;
    const count = this.cohorts[cohort].networks;
    this.current = { cohort, network: (network + by + count) % count };
    this.#arrange();
  }

  /**
   * @param {Cohort[]} cohorts
   * @param {number} step
   * @param {Palette} palette
   */
  paint(cohorts, step, palette) {
    this.cohorts = cohorts;
    for (const { cohort, network, painter, curves, state } of this.panels) {
      const position = cohort.positionOf(step);
      painter.paint(position, palette);
      for (const curve of curves) curve.paint(position, palette);
      const at = Math.floor(position);
      say(state, `${describe(cohort, network, position)}${cohort.right ? ` at step ${cohort.steps[at].toLocaleString("en")}` : ""}`);
    }
  }

  #arrange() {
    const { current, pins } = this;
    if (!current) return;
    const { twin } = this.cohorts[current.cohort];
    const shown = [...pins];
    // Beside it stands the network of the same number of the other run, unless another one is pinned.
    if (!pins.length && twin !== undefined && current.network < this.cohorts[twin].networks)
      for (const cohort of [Math.min(current.cohort, twin), Math.max(current.cohort, twin)]) shown.push({ cohort, network: current.network });
    else if (shown.length < 2 && !this.#isPinned(current)) shown.push(current);
    if (!shown.some((each) => same(each, current))) this.current = shown[shown.length - 1];
    this.panels = shown.map((chosen) => {
      const key = `${chosen.cohort}:${chosen.network}`;
      return this.panels.find((panel) => panel.key === key && panel.cohort === this.cohorts[chosen.cohort]) ?? this.#panel(key, chosen);
    });
    this.panels.forEach((panel, each) => {
      const pinned = this.#isPinned(shown[each]);
      panel.pin.ariaPressed = String(pinned);
      say(panel.pin, pinned ? "Pinned" : "Pin");
    });
    const names = [...new Set(shown.map(({ network }) => `network ${network}`))].join(" and ");
    this.element.ariaLabel = names[0].toUpperCase() + names.slice(1);
    this.before.disabled = this.after.disabled = pins.length > 1 || this.cohorts[current.cohort].networks < 2;
    const elements = this.panels.map(({ element }) => element);
    if (elements.length !== this.body.children.length || elements.some((each, at) => each !== this.body.children[at])) this.body.replaceChildren(...elements);
    this.element.hidden = false;
    this.on.changed();
  }

  /**
   * @param {string} key
   * @param {Chosen} chosen
   * @returns {Panel}
   */
  #panel(key, chosen) {
    const cohort = this.cohorts[chosen.cohort];
    const { network } = chosen;
    const painter = new (viewOf(cohort).Opened)(cohort, network);
    painter.element.addEventListener("pointed", (event) => {
      for (const panel of this.panels) if (panel.painter !== painter) panel.painter.point(/** @type {CustomEvent} */ (event).detail);
    });
    const curves = [];
    if (cohort.loss) curves.push(new Curve("loss", cohort, network, cohort.loss, this.on.seek));
    if (cohort.right) curves.push(new Curve("points right", cohort, network, cohort.right, this.on.seek, cohort.data.x.length));
    const state = make("p", { className: "state" });
    const pin = make("button", { type: "button", title: "Keep this network here, and open another one beside it" }, "Pin");
    pin.addEventListener("click", () => this.#pin(chosen));
    const [began, ended] = [cohort.groupsAtStart, cohort.groups].map((all) => all.find(({ networks }) => networks.includes(network))?.title);
    const groups = began === ended ? [ended] : [began && `at the start “${began}”`, ended && `at the end “${ended}”`].filter(Boolean);
    const title = this.cohorts.length > 1 ? `Network ${network}, ${cohort.fullTitle}` : `Network ${network}`;
    const head = make("header", {}, make("p", { className: "name" }, title), pin, state, make("p", { className: "kind" }, groups.join(", ")));
    const element = make("article", { className: "network" }, head, painter.element, make("div", { className: "curves" }, ...curves.map((curve) => curve.element)));
    return { key, cohort, network, painter, curves, element, state, pin };
  }

  /** @param {Chosen} chosen */
  #pin(chosen) {
    if (this.#isPinned(chosen)) this.pins = this.pins.filter((each) => !same(each, chosen));
    else this.pins = [...this.pins, chosen].slice(-2);
    this.#arrange();
  }

  /** @param {Chosen} chosen */
  #isPinned(chosen) {
    return this.pins.some((each) => same(each, chosen));
  }
}

/** @param {Chosen} one @param {Chosen} other */
const same = (one, other) => one.cohort === other.cohort && one.network === other.network;
