// Frames on pages of one's own that grow to their content:
//
//   <div data-askneuron="why-neurons-differ"></div>      an entry, or "runs/ID"; several on a page
//   <script src="https://THIS-SERVICE/static/embed.js" async></script>
//
// What stands inside the element, such as a link, is shown until the frame is there.
"use strict";

(() => {
  const service = new URL("..", document.currentScript.src); // above static/
  const frames = [];

  const fill = (element) => {
    const name = element.dataset.askneuron;
    if (element.dataset.askneuronShown !== undefined || !/^(runs\/)?[\w-]+$/.test(name)) return;
    element.dataset.askneuronShown = "";
    const frame = document.createElement("iframe");
    frame.src = new URL(`embed/${name}`, service).href;
    frame.title = element.textContent.trim() || "An answer with its experiment, by Askneuron";
    frame.loading = "lazy";
    frame.style.cssText = "display: block; width: 100%; height: 520px; border: 0;";
    frames.push(frame);
    element.replaceChildren(frame);
  };

  const fillAll = () => document.querySelectorAll("[data-askneuron]").forEach(fill);

  addEventListener("message", (event) => {
    if (event.origin !== service.origin) return;
    const frame = frames.find((each) => each.contentWindow === event.source);
    const { type, height } = Object(event.data);
    if (frame === undefined || type !== "askneuron.height" || !Number.isFinite(height)) return;
    frame.style.height = `${Math.min(Math.max(height, 100), 20000)}px`;
  });

  fillAll();
  // The script may stand above the elements, and pages may add some later.
  new MutationObserver(fillAll).observe(document, { childList: true, subtree: true });
})();
