// Elements in one line.

/**
 * Make an element: properties where it has them, attributes for the rest.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [properties]
 * @param {(Node|string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) Reflect.set(element, name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Make an entry of a legend.
 * @param {"dot"|"dash"} className its mark
 * @param {Partial<CSSStyleDeclaration>} style of the mark
 * @param {string} words
 */
export function key(className, style, words) {
  const mark = make("i", { className });
  Object.assign(mark.style, style);
  return make("span", {}, mark, words);
}

/**
 * Give a canvas the size of its box in device pixels, and return its pen, which then counts in pixels of the page.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function penOf(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/**
 * Change a text only where it differs, so that nothing is laid out or announced in vain.
 * @param {Node} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Whether fingers alone point here, and there are most likely no keys. */
export const TOUCH = matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;
