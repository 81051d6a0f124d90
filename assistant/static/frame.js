// In a frame: tells the page around it how tall the content is. Everything in the frame works without this file.
"use strict";

// In a sandbox that gives the frame no origin, nothing that it sends is answered: say so, and offer nothing that would
// fail. A guess is drawn in the frame all the same.
if (window.origin === "null") {
  document.getElementById("confined").hidden = false;
  for (const button of document.querySelectorAll("form:not(.predict) button")) {
    button.disabled = true;
    button.setAttribute("aria-describedby", "confined");
  }
}

if (parent !== window) {
  const content = document.getElementById("content");
  const box = content.parentElement;
  let told = 0;
  const tell = () => {
    // What the content needs, with all that stands around it. No part of this depends on how tall the frame is.
    const style = getComputedStyle(box);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const around = document.body.offsetHeight - box.offsetHeight;
    const height = Math.ceil(content.offsetHeight + padding + around);
    if (height === told) return;
    told = height;
    // To whoever is around: a height is no secret, and Canvas, Open edX and others each have origins of their own.
    parent.postMessage({ type: "askneuron.height", height }, "*");
    parent.postMessage({ subject: "lti.frameResize", height }, "*");
    parent.postMessage({ type: "plugin.resize", payload: { height } }, "*");
  };
  new ResizeObserver(tell).observe(content);
  addEventListener("load", tell);
}
