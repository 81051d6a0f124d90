// What happens around the player, such as being resized or coming into sight.

/** The share of the player that is in sight when it begins to play. */
export const START = 0.2;

/** Tells the player of its surroundings while it stands in the page. */
export class Surroundings {
  /**
   * @param {Element} stage whose size matters
   * @param {Element} frame whose being in sight matters
   * @param {{resized: () => void, seen: (share: number) => void, recoloured: () => void, scrolled: () => void, travelled: () => void}} on
   */
  constructor(stage, frame, on) {
    this.stage = stage;
    this.frame = frame;
    this.on = on;
    this.sizes = new ResizeObserver(on.resized);
    // Of something that is in sight, be it never so little, the share is above 0.
    this.sight = new IntersectionObserver(([{ isIntersecting, intersectionRatio }]) => on.seen(isIntersecting ? intersectionRatio || 0.01 : 0), {
      threshold: [0, START],
    });
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    // A link to the replay leads there in frames, too, whose links open outside.
    this.follow = (/** @type {MouseEvent} */ event) => {
      const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
      const hash = link?.getAttribute("href") ?? "";
      if (!hash.startsWith("#replay&") || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (location.hash === hash) this.on.travelled();
      else location.hash = hash;
    };
  }

  observe() {
    this.sizes.observe(this.stage);
    this.sight.observe(this.frame);
    this.dark.addEventListener("change", this.on.recoloured);
    addEventListener("popstate", this.on.travelled);
    document.addEventListener("click", this.follow);
    addEventListener("scroll", this.on.scrolled, { capture: true, passive: true });
  }

  disconnect() {
    this.sizes.disconnect();
    this.sight.disconnect();
    this.dark.removeEventListener("change", this.on.recoloured);
    removeEventListener("popstate", this.on.travelled);
    document.removeEventListener("click", this.follow);
    removeEventListener("scroll", this.on.scrolled, { capture: true });
  }
}
