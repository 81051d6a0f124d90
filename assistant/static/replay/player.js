// <replay-player src="/api/runs/ID/replay">: plays how a run's networks learned. docs/replay.md says what it takes and
// does. What stands inside the element is shown until it is ready, in print, and where there is no JavaScript.

import { read, write } from "./address.js";
import { Controls, number } from "./controls.js";
import { TOUCH, make, say } from "./dom.js";
import { Loading } from "./loading.js";
import { Opened } from "./opened.js";
import { Palette } from "./palette.js";
import { Playback } from "./playback.js";
import { START, Surroundings } from "./surroundings.js";
import { viewOf } from "./views.js";
import { Wall } from "./wall.js";

/** @typedef {import("./replay.js").Cohort} Cohort */

const HINT = "Drag the slider, or open a network.";
const HINT_SPARED = "Your change touches none of the networks that can be watched here. What it did is counted below.";
const HINT_HELD = "Open a network to see where it begins.";
/** What the networks are to learn, in views that show it. @type {Record<string, string>} */
const TASKS = { map: "To be learned: each dot’s colour. ", curve: "To be learned: the curve through the dots. " };
const HINT_OPENED = TOUCH ? "Drag the slider to see it learn." : "Drag the slider to see it learn. Arrow keys: its neighbours; Escape: all.";
const SIDE_BY_SIDE = 560; // pixels that two cohorts of a run need to stand beside each other; those of two runs always do
const SETTLED = 250; // milliseconds without a change after which names, address and sharp maps follow

class ReplayPlayer extends HTMLElement {
  static observedAttributes = ["src", "beside", "held"];

  constructor() {
    super();
    /** @type {Cohort[]} */
    this.cohorts = [];
    /** @type {number[]} indices of the cohorts on the wall */
    this.shown = [0];
    this.by = "became";
    this.request = 0;
    this.settling = 0;
    this.started = false;
    /** @type {Set<Cohort>} those whose moment has been seen */
    this.paused = new Set();
    this.touched = false; // what nobody chose is not written into the address
    this.visible = false;
    this.dirty = new Set();
    this.playback = new Playback(() => this.#invalidate("position"));
    this.controls = new Controls(this.playback, {
      toggle: () => this.#toggle(),
      choose: (cohort) => this.#choose(cohort),
      group: (by) => this.#group(by),
    });
    /** @type {import("./wall.js").Tile|null} */
    this.pointed = null;
    this.stage = make("div", { className: "stage", id: "stage" });
    this.wall = new Wall(
      this.stage,
      (pane, network) => this.#open(this.shown[pane], network),
      (tile) => {
        this.pointed = tile;
        this.#invalidate("words");
      },
    );
    this.legend = make("div", { className: "legends" });
    this.opened = new Opened({
      close: () => this.#close(),
      changed: () => this.#invalidate("opened"),
      seek: (position) => this.playback.seek(position),
    });
    this.loading = new Loading(this, (cohorts) => this.#ready(cohorts), () => {
      this.frame.hidden = true;
      this.toggleAttribute("ready", false);
      this.toggleAttribute("failed", true);
    });
    this.status = make("p", { className: "hidden", role: "status" });
    this.frame = make("div", { className: "frame", role: "group", ariaLabel: "Replay of the training", hidden: true }, ...this.controls.elements, this.stage, this.legend, this.opened.element);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.append(this.loading.style, this.loading.problem, this.frame, make("div", { className: "fallback" }, make("slot")), this.status);
    for (const type of ["pointerdown", "keydown"]) this.frame.addEventListener(type, () => (this.touched = true), true);
    this.frame.addEventListener("keydown", (event) => this.#key(event));
    this.surroundings = new Surroundings(this.stage, this.frame, {
      resized: () => this.#invalidate("layout"),
      seen: (share) => this.#see(share),
      recoloured: () => this.#colour(),
      scrolled: () => this.wall.skipped && this.#invalidate("sharp"),
      travelled: () => this.#travel() && this.scrollIntoView({ block: "nearest" }),
    });
  }

  connectedCallback() {
    this.surroundings.observe();
  }

  disconnectedCallback() {
    this.surroundings.disconnect();
    cancelAnimationFrame(this.request);
    clearTimeout(this.settling);
    this.request = 0;
  }

  /**
   * @param {string} name
   * @param {string|null} before
   * @param {string|null} after
   */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name !== "held") this.loading.load();
    else if (this.cohorts.length) {
      this.playback.seek(0);
      this.#group(this.firstGrouping);
      this.started = false;
      if (!this.held) this.#travel();
      this.#start();
    }
  }

  get held() {
    return this.hasAttribute("held");
  }

  get brief() {
    return this.hasAttribute("brief");
  }

  /** Side by side, the same networks of two runs stand at the same places. */
  get firstGrouping() {
    return this.held || this.brief || this.cohorts.some(({ isBeside }) => isBeside) ? "none" : "became";
  }

  /**
   * The cohort that the finding named by `about` was counted in ("success.xor.2": "xor.2"), or else the first; beside
   * another run, one to which the change makes a difference.
   */
  get firstCohort() {
    const about = `${this.getAttribute("about") ?? ""}.`;
    const first = Math.max(this.cohorts.findIndex(({ name }) => about.includes(`.${name}.`) || about.startsWith(`${name}.`)), 0);
    const touched = this.cohorts.findIndex((cohort) => cohort.touched);
    return touched < 0 || this.cohorts[first].touched ? first : touched;
  }

  /** @param {Cohort[]} cohorts */
  #ready(cohorts) {
    this.cohorts = cohorts;
    this.frame.hidden = false;
    this.toggleAttribute("ready", true);
    this.toggleAttribute("failed", false);
    this.palette = new Palette(this);
    this.by = this.firstGrouping;
    this.opened.closeAll();
    this.started = false;
    this.#choose(this.firstCohort, false);
    if (!this.#travel() && viewOf(cohorts[this.shown[0]]).openedFirst) this.#open(this.shown[0], 0, [], false);
    this.#start();
  }

  /**
   * Show a cohort: two stand side by side where there is room.
   * @param {number} cohort
   */
  #choose(cohort, keep = true) {
    const step = keep ? this.timeline.stepAt(this.playback.position) : 0;
    const { twin } = this.cohorts[cohort];
    const wide = this.clientWidth >= SIDE_BY_SIDE;
    if (twin !== undefined) this.shown = [Math.min(cohort, twin), Math.max(cohort, twin)];
    else this.shown = wide && this.cohorts.length === 2 ? [0, 1] : [cohort];
    const first = this.cohorts[this.shown[0]];
    this.playback.last = this.timeline.steps.length - 1;
    this.playback.position = this.timeline.positionOf(step);
    this.playback.stop = first.moment && !this.brief && !this.paused.has(first) ? this.timeline.positionOf(first.moment.step) : null;
    this.controls.offer(this.cohorts, this.shown, this.timeline);
    const { current, pins } = this.opened;
    if (keep && current && !pins.length) this.opened.open(this.cohorts, { cohort, network: Math.min(current.network, this.cohorts[cohort].networks - 1) });
    this.#group(this.by);
  }

  /** The shown cohort that was trained longest: the slider goes over its steps. */
  get timeline() {
    const [first, second] = this.shown.map((cohort) => this.cohorts[cohort]);
    return second && second.end > first.end ? second : first;
  }

  /** @param {string} by */
  #group(by) {
    this.by = by;
    this.controls.groups.value = by;
    if (!this.controls.groups.value) this.by = this.controls.groups.value = "none";
    this.#colour();
  }

  #colour() {
    if (!this.cohorts.length) return;
    this.palette = new Palette(this);
    this.#invalidate("layout");
  }

  #toggle() {
    if (this.playback.playing) this.playback.pause();
    else this.playback.play();
    this.started = true;
  }

  /** Play by itself, once, as soon as the wall is seen; never where less motion is asked for. */
  #start() {
    if (this.started || !this.visible || !this.cohorts.length || this.held) return;
    this.started = true;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.playback.play();
  }

  /** @param {number} share of the player that is in sight */
  #see(share) {
    this.visible = share > 0;
    if (share >= START) this.#start();
    this.#invalidate("position");
  }

  /** @param {string} what */
  #invalidate(what) {
    this.dirty.add(what);
    if (!this.request && this.isConnected && this.cohorts.length) this.request = requestAnimationFrame((now) => this.#draw(now));
  }

  get positions() {
    const { timeline } = this;
    const step = timeline.stepAt(this.playback.position);
    return this.shown.map((cohort) => (this.cohorts[cohort] === timeline ? this.playback.position : this.cohorts[cohort].positionOf(step)));
  }

  /** @param {number} now */
  #draw(now) {
    this.request = 0;
    const { palette, dirty } = this;
    if (!palette || this.frame.hidden) return;
    if (this.visible || !this.started) this.playback.advance(now);
    const cohorts = this.shown.map((cohort) => this.cohorts[cohort]);
    const positions = this.positions;
    const layout = dirty.has("layout");
    if (layout) this.#order();
    const sharp = !this.playback.playing && (layout || (dirty.has("sharp") && !dirty.has("position")));
    this.dirty = new Set();
    if (this.playback.stopped) this.paused.add(cohorts[0]);
    const { pointed } = this;
    const hint = this.opened.isOpen ? HINT_OPENED : pointed ? this.wall.nameOf(pointed, positions[pointed.pane]) : this.brief ? HINT + framed(cohorts[0]) : this.held ? (TASKS[cohorts[0].view] ?? "") + HINT_HELD : cohorts[0].spared ? HINT_SPARED : HINT;
    this.controls.show(cohorts, positions, this.held, hint);
    if (dirty.size === 1 && dirty.has("words")) return;
    if (!this.playback.playing && (dirty.has("position") || dirty.has("opened"))) this.#settleSoon();
    if (this.opened.isOpen) {
      this.opened.paint(this.cohorts, this.timeline.stepAt(this.playback.position), palette);
    } else {
      if (layout) this.#layOut(cohorts, palette);
      this.wall.paint(positions, !sharp);
    }
    if (layout) this.controls.draw(cohorts, palette, this.held);
    if (layout || dirty.has("opened")) this.#tell(cohorts);
    if (this.playback.playing && this.visible) this.#invalidate("position");
  }

  /** Where the maps come first (--first in replay.css), they do so for the keyboard, too. */
  #order() {
    const below = getComputedStyle(this.stage).getPropertyValue("--first").trim() === "maps";
    const { words, note } = this.controls;
    const before = below ? this.opened.element : this.controls.head;
    if (before.nextElementSibling !== words) before.after(words, note);
  }

  /**
   * Tell the page which networks are opened, or else the first ones of what is shown.
   * @param {Cohort[]} cohorts
   */
  #tell(cohorts) {
    const chosen = this.opened.isOpen ? this.opened.panels : cohorts.map((cohort) => ({ cohort, network: 0 }));
    const several = this.cohorts.length > 1;
    const detail = chosen.map(({ cohort, network }) => ({ ...cohort.source, network, title: several ? cohort.fullTitle : "" }));
    this.dispatchEvent(new CustomEvent("shown", { bubbles: true, detail }));
  }

  #settleSoon() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#settle(), SETTLED);
  }

  /**
   * @param {Cohort[]} cohorts
   * @param {Palette} palette
   */
  #layOut(cohorts, palette) {
    const panes = cohorts.map((cohort) => ({ cohort, groups: cohort.groupedBy(this.by), painter: new (viewOf(cohort).Wall)(cohort, palette) }));
    this.legend.replaceChildren(panes[0].painter.legend);
    this.wall.layOut(panes);
    this.wall.grid.ariaLabel = `${cohorts.map(({ networks }) => number(networks)).join(" and ")} networks`;
    this.wall.name(this.positions);
  }

  /** What follows once nothing moves any more. */
  #settle() {
    if (!this.opened.isOpen) this.wall.name(this.positions);
    this.#invalidate("sharp");
    if (this.controls.spoken && this.touched) say(this.status, this.playback.stopped ? `${this.controls.note.textContent} ${this.controls.button.ariaLabel}` : this.controls.spoken);
    if (!this.touched) return;
    const { current, pins } = this.opened;
    // While it is held nobody has chosen a step: released, it shall play, and not stay at the address's.
    const step = this.held ? undefined : this.timeline.stepAt(this.playback.position);
    write({ cohort: current?.cohort ?? this.shown[0], step, network: current?.network, pins }, this.cohorts);
  }

  /** Go where the address says; return whether it says anything. */
  #travel() {
    const place = this.cohorts.length ? read(location.hash, this.cohorts) : null;
    if (!place) return false;
    const { cohort, network, pins } = place;
    this.started = place.step !== undefined || this.started;
    if (cohort !== undefined) this.#choose(cohort);
    if (!this.held && place.step !== undefined) this.playback.seek(this.timeline.positionOf(place.step));
    this.opened.closeAll();
    if (network !== undefined) this.#open(cohort ?? 0, network, pins, false);
    else if (pins.length) this.#open(pins[0].cohort, pins[0].network, pins, false);
    else this.#close(false);
    this.controls.ignored(place.ignored);
    return true;
  }

  /**
   * @param {number} cohort
   * @param {number} network
   * @param {{cohort: number, network: number}[]} [pins]
   */
  #open(cohort, network, pins, focus = true) {
    this.playback.pause();
    this.opened.open(this.cohorts, { cohort, network }, pins);
    this.stage.hidden = this.legend.hidden = true;
    this.pointed = null;
    if (focus) {
      this.opened.element.focus({ preventScroll: true });
      if (this.getBoundingClientRect().top < 0) this.scrollIntoView();
    }
    this.#invalidate("opened");
  }

  #close(focus = true) {
    const { current } = this.opened;
    this.opened.closeAll();
    this.stage.hidden = this.legend.hidden = false;
    this.#invalidate("layout");
    this.#invalidate("opened");
    if (!current || !focus) return;
    const pane = this.shown.indexOf(current.cohort);
    requestAnimationFrame(() => this.wall.focus(Math.max(pane, 0), current.network));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && this.opened.isOpen) this.#close();
    else if (event.key === " " && !this.held && !target.matches("button:not([role=gridcell]), select, summary")) this.#toggle();
    else if (this.opened.isOpen && !target.matches("input, select") && ["ArrowLeft", "ArrowRight"].includes(event.key)) this.opened.turn(event.key === "ArrowLeft" ? -1 : 1);
    else return;
    event.preventDefault();
  }
}

/** Say what a frame means, where no count does. @param {Cohort} cohort */
const framed = ({ counted, counts: [first] }) => (counted ? ` Framed: those that ${first.label}.` : "");

customElements.define("replay-player", ReplayPlayer);
