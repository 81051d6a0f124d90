// What the element shows has to come first: the style sheet, the replay, and perhaps a second one.

import { make } from "./dom.js";
import { ReplayError, load, paired } from "./replay.js";
import { viewOf } from "./views.js";

/** Loads what an element's attributes name, and says in one sentence what went wrong. */
export class Loading {
  /**
   * @param {HTMLElement} element
   * @param {(cohorts: import("./replay.js").Cohort[]) => void} ready
   * @param {() => void} failed
   */
  constructor(element, ready, failed) {
    this.element = element;
    this.ready = ready;
    this.failed = failed;
    this.turn = 0;
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.style = make("link", { rel: "stylesheet", href: new URL("replay.css", import.meta.url).href });
    /** @type {Promise<void>} */
    this.styled = new Promise((resolve) => {
      for (const type of ["load", "error"]) this.style.addEventListener(type, () => resolve());
    });
  }

  /** Fetch what `src` and `beside` name, once `after` milliseconds are over; of several calls the last one counts. */
  async load() {
    const turn = ++this.turn;
    await new Promise((resolve) => setTimeout(resolve, Number(this.element.getAttribute("after"))));
    if (turn !== this.turn || !this.element.isConnected) return;
    this.element.removeAttribute("after");
    const [src, beside, title, titleBeside] = ["src", "beside", "title-own", "title-beside"].map((name) => this.element.getAttribute(name));
    if (!src) return;
    try {
      const [own, other] = await Promise.all([load(src), beside ? load(beside) : [], this.styled]);
      if (turn !== this.turn) return;
      own.concat(other).forEach(viewOf);
      this.problem.hidden = true;
      this.ready(other.length ? paired(own, other, title, titleBeside) : own);
    } catch (error) {
      if (turn !== this.turn) return;
      const known = error instanceof ReplayError;
      this.#say(known ? error.message : "The replay could not be drawn.");
      this.failed();
      if (!known) throw error;
    }
  }

  /** @param {string} words */
  #say(words) {
    const again = make("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => this.load());
    this.problem.replaceChildren(words, " ", again);
    this.problem.hidden = false;
  }
}
