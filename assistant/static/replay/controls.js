// What stands above the wall: cohorts, play, slider, the count's course, and the words.

import { make, penOf, say } from "./dom.js";

/** @typedef {import("./replay.js").Cohort} Cohort */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./playback.js").Playback} Playback */

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const HELD = "Guess first (or “Just show me”), then play.";
const FINE = 100; // places of the slider between two recorded steps

/** The controls; `on` says what their use shall do. */
export class Controls {
  /**
   * @param {Playback} playback
   * @param {{toggle: () => void, choose: (cohort: number) => void, group: (by: string) => void}} on
   */
  constructor(playback, on) {
    this.playback = playback;
    this.on = on;
    this.tabs = make("div", { className: "tabs", role: "tablist", ariaLabel: "Which networks", hidden: true });
    this.button = make("button", { type: "button", className: "play", ariaLabel: "Play" });
    this.button.addEventListener("click", on.toggle);
    this.course = make("canvas", { className: "course", ariaHidden: "true" });
    this.slider = make("input", { type: "range", min: "0", max: "0", step: "1", value: "0", ariaLabel: "Step of training" });
    this.slider.addEventListener("input", () => playback.seek(Number(this.slider.value) / FINE));
    this.slider.addEventListener("keydown", (event) => this.#step(event));
    this.speed = make("select", { ariaLabel: "Speed" });
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}×`, String(speed), speed === 1, speed === 1));
    this.speed.addEventListener("change", () => {
      playback.speed = Number(this.speed.value);
    });
    this.groups = make("select", { className: "grouping", ariaLabel: "Grouping", hidden: true });
    this.groups.addEventListener("change", () => on.group(this.groups.value));
    this.counts = make("div", { className: "counts" });
    this.spoken = "";
    this.where = make("span");
    this.counted = make("span");
    this.step = make("p", { className: "step" }, this.where, this.counted);
    this.said = make("span");
    this.note = make("p", { className: "note" }, this.said);
    this.address = make("p", { className: "note", role: "alert", hidden: true });
    const track = make("div", { className: "track" }, this.course, this.slider);
    const transport = make("div", { className: "transport" }, this.button, track);
    this.head = make("div", { className: "head" }, transport, this.counts);
    this.words = make("div", { className: "words" }, this.step, this.groups, this.speed);
    this.elements = [this.tabs, this.head, this.words, this.note, this.address];
  }

  /**
   * Offer cohorts to choose from, and ways to group the shown ones.
   * @param {Cohort[]} cohorts
   * @param {number[]} shown their indices
   * @param {Cohort} timeline the shown one whose steps the slider goes over
   */
  offer(cohorts, shown, timeline) {
    const first = cohorts[shown[0]];
    this.timeline = timeline;
    this.tabs.hidden = cohorts.length === shown.length;
    // A cohort and its twin of another run stand beside each other: one tab is for both.
    const offered = [...cohorts.keys()].filter((each) => !cohorts[each].isBeside);
    const tabs = offered.map((each, at) => {
      const tab = make("button", { type: "button", role: "tab", "aria-controls": "stage", tabIndex: each === shown[0] ? 0 : -1 }, cohorts[each].title);
      tab.ariaSelected = String(each === shown[0]);
      tab.addEventListener("click", () => this.on.choose(each));
      tab.addEventListener("keydown", (event) => this.#turn(event, at, offered));
      return tab;
    });
    const focused = [...this.tabs.children].some((tab) => tab.matches(":focus"));
    this.tabs.replaceChildren(...tabs);
    const chosen = tabs[offered.indexOf(shown[0])];
    if (focused) chosen?.focus();
    if (chosen) this.tabs.scrollLeft = chosen.offsetLeft - tabs[0].offsetLeft; // of a row that is wider than the screen
    const ways = [["became", "by how they end", first.groups], ["began", "by how they begin", first.groupsAtStart]];
    const usable = ways.filter(([, , groups]) => groups.length);
    this.groups.hidden = !usable.length || first.networks === 1;
    this.groups.replaceChildren(...usable.map(([way, words]) => new Option(String(words), String(way))), new Option("by number", "none"));
    // Its caption has its place beforehand: the maps stay where they are.
    this.note.dataset.moment = first.moment ? caption(first.moment) : "";
    this.slider.max = String(FINE * (timeline.steps.length - 1));
    this.slider.disabled = timeline.steps.length < 2;
  }

  /**
   * Say and show where the replay stands.
   * @param {Cohort[]} cohorts the shown ones
   * @param {number[]} positions
   * @param {boolean} held counts are not told yet
   * @param {string} hint what is said where there is no moment
   */
  show(cohorts, positions, held, hint) {
    const { playing, position, stopped } = this.playback;
    const timeline = this.timeline ?? cohorts[0];
    this.button.classList.toggle("playing", playing);
    this.button.disabled = held;
    this.slider.disabled = held || this.slider.max === "0";
    this.button.title = this.slider.title = held ? HELD : "";
    this.slider.value = String(Math.round(position * FINE));
    this.slider.style.setProperty("--share", `${(100 * position) / Math.max(timeline.steps.length - 1, 1)}%`);
    const [where, exact] = place(timeline, position);
    this.button.ariaLabel = playing ? "Pause" : stopped ? `Paused at ${where}: play on` : "Play";
    const all = cohorts.map((cohort, pane) => (held ? ["before training", ...(pane ? [] : [HELD])] : told(cohort, Math.floor(positions[pane]))));
    if (this.counts.childElementCount !== all.length) this.counts.replaceChildren(...all.map(() => make("p", {}, make("span"), make("strong"), make("small"))));
    cohorts.forEach(({ title, side }, pane) => {
      const [name, first, rest] = this.counts.children[pane].children;
      say(name, cohorts.length > 1 ? side || title : "");
      first.className = cohorts[pane].counted && !held ? "framed" : ""; // Its maps have a frame of their own.
      say(first, all[pane][0] ?? "");
      say(rest, all[pane].slice(1).join("; "));
    });
    const counted = cohorts.map(({ title, side }, pane) => (cohorts.length > 1 ? `${side || title}: ` : "") + all[pane].join(", ")).filter(Boolean).join("; ");
    const at = number(timeline.steps[Math.floor(position)]);
    say(this.where, where);
    say(this.counted, exact || held ? "" : `, counted at ${at}`);
    this.spoken = counted ? (exact ? `${where}, ${counted}` : `${where}; at step ${at}, ${counted}`) : where;
    if (!playing && this.slider.getAttribute("aria-valuetext") !== this.spoken) this.slider.setAttribute("aria-valuetext", this.spoken);
    const moment = cohorts[0].moment;
    const here = moment && (stopped || Math.abs(position - timeline.positionOf(moment.step)) < 0.005);
    this.note.classList.toggle("moment", Boolean(here));
    say(this.said, here ? caption(moment) : hint);
  }

  /**
   * Draw the course of the first count above the slider, and where the moment is.
   * @param {Cohort[]} cohorts
   * @param {Palette} palette
   * @param {boolean} held
   */
  draw(cohorts, palette, held) {
    const { clientWidth: width, clientHeight: height } = this.course;
    const pen = penOf(this.course, width, height);
    if (held || !width) return;
    const inset = 9; // half of the slider's thumb
    const timeline = this.timeline ?? cohorts[0];
    const last = Math.max(timeline.steps.length - 1, 1);
    for (const cohort of cohorts) {
      cohort.counts.forEach(({ values, of }, each) => {
        pen.beginPath();
        values.forEach((value, at) => {
          const x = inset + ((width - 2 * inset) * timeline.positionOf(cohort.steps[at])) / last;
          pen.lineTo(x, height - 1 - (height - 3) * (value / (of ?? cohort.networks)));
        });
        pen.strokeStyle = pen.fillStyle = each ? palette.muted : palette.mark;
        pen.globalAlpha = each ? 0.7 : 1;
        pen.lineWidth = 1.25;
        pen.stroke();
        if (each) return;
        pen.lineTo(inset + ((width - 2 * inset) * timeline.positionOf(cohort.end)) / last, height);
        pen.lineTo(inset, height);
        pen.globalAlpha = 0.2;
        pen.fill();
      });
    }
    pen.globalAlpha = 1;
    const { moment } = cohorts[0];
    if (!moment) return;
    const x = inset + ((width - 2 * inset) * timeline.positionOf(moment.step)) / last;
    pen.fillStyle = palette.ink;
    pen.beginPath();
    pen.arc(x, height - 4, 2.5, 0, 7);
    pen.fill();
  }

  /**
   * Say what of the address could not be followed.
   * @param {string[]} ignored
   */
  ignored(ignored) {
    this.address.hidden = !ignored.length;
    say(this.address, ignored.length ? `The address names what is not here, and was not followed there: ${ignored.join("; ")}.` : "");
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const { position, last } = this.playback;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: Math.ceil(position - 0.001) - 1,
      ArrowRight: Math.floor(position + 0.001) + 1,
      PageDown: Math.ceil(position) - 5,
      PageUp: Math.floor(position) + 5,
      Home: 0,
      End: last,
    };
    goals.ArrowDown = goals.ArrowLeft;
    goals.ArrowUp = goals.ArrowRight;
    if (!(event.key in goals) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.playback.seek(goals[event.key]);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} at
   * @param {number[]} offered the cohorts of the tabs
   */
  #turn(event, at, offered) {
    const count = offered.length;
    /** @type {Record<string, number>} */
    const goals = { ArrowLeft: (at + count - 1) % count, ArrowRight: (at + 1) % count, Home: 0, End: count - 1 };
    if (!(event.key in goals)) return;
    event.preventDefault();
    event.stopPropagation();
    this.on.choose(offered[goals[event.key]]);
  }
}

/** @param {{step: number, caption: string}} moment */
const caption = (moment) => `Step ${number(moment.step)}: ${moment.caption}`;

/** @param {number} value */
export const number = (value) => value.toLocaleString("en");

/**
 * Say where a position is, and whether it is a recorded step.
 * @param {Cohort} cohort
 * @param {number} position
 * @returns {[string, boolean]}
 */
export function place({ steps }, position) {
  const at = Math.floor(position);
  if (position === at) return [`step ${number(steps[at])}`, true];
  return [`between steps ${number(steps[at])} and ${number(steps[at + 1])}`, false];
}

/**
 * Say a cohort's own counts at a recorded step.
 * @param {Cohort} cohort
 * @param {number} at
 */
function told(cohort, at) {
  return cohort.counts.map(({ label, one = label, values, of }, each) => {
    const recorded = cohort.of > cohort.networks && each === 0 ? ` shown (the run has ${number(cohort.of)})` : "";
    return `${number(values[at])} of ${number(of ?? cohort.networks)}${recorded} ${values[at] === 1 ? one : label}`;
  });
}
