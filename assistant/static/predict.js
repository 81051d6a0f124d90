// Guess before you see: until the reader has guessed, or asks just to be shown, the page asks instead of telling. Stands
// in the head, so that nothing is seen too early and nothing jumps. Without this file all is shown, and nothing asked.
"use strict";

(() => {
  const key = `askneuron-guess ${document.currentScript.dataset.key}`;
  const SHOWN = "shown";
  let answer = null; // a number as a text, or SHOWN; kept for this visit alone, and where a frame may not, for this page
  try { answer = sessionStorage.getItem(key); } catch { /* A frame in a sandbox has no storage. */ }

  const element = (id) => document.getElementById(id);
  const mark = () => {
    document.documentElement.classList.toggle("asking", answer === null);
    document.documentElement.classList.toggle("answered", answer !== null);
  };
  mark();

  // Bring what stands on the page, perhaps only just swapped in, to what was answered.
  const show = () => {
    if (answer === null) return;
    for (const player of document.querySelectorAll("replay-player[held]")) player.removeAttribute("held");
    const outcome = element("outcome");
    const guess = Number(answer);
    if (!outcome || !Number.isInteger(guess)) return;
    outcome.querySelector(".own-guess").textContent = answer;
    outcome.querySelector(".own").hidden = false;
    const line = outcome.querySelector(".own-mark");
    line.setAttribute("d", `M${(100 * guess) / Number(outcome.dataset.of)} 0V${line.dataset.height}`);
  };

  const settle = (given) => {
    answer = given;
    try { sessionStorage.setItem(key, given); } catch { /* Then the next page asks again. */ }
    mark();
    show();
    const counts = element("counts");
    if (counts) counts.open = true;
  };

  // Whoever has changed something is shown at once what it does, beside the entry's own networks: no guess is left.
  const showChanged = () => {
    if (answer === null && document.querySelector("replay-player[beside]")) settle(SHOWN);
    else show();
  };

  const settleAndFocus = (given) => {
    settle(given);
    element("outcome")?.focus({ preventScroll: true });
  };

  const askAgain = (problem) => {
    answer = null;
    try { sessionStorage.removeItem(key); } catch { /* Nothing was kept. */ }
    mark();
    element("guess-problem").textContent = problem;
    element("guess-problem").hidden = false;
    element("guess").focus();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const form = element("predict");
    if (!form) return;
    const number = element("guess"), slider = element("guess-slider");
    slider.addEventListener("input", () => { number.value = slider.value; });
    number.addEventListener("input", () => { if (number.value !== "") slider.value = number.value; });
    element("just-show").addEventListener("click", () => settleAndFocus(SHOWN));
    // A click, which Enter is too; some sandboxes forbid that a form is sent, and then nothing is told of it.
    form.querySelector("[type=submit]").addEventListener("click", async (event) => {
      event.preventDefault();
      const missing = number.value === "" && !number.validity.badInput;
      number.setCustomValidity(missing ? `${slider.offsetParent ? "Move the slider, or type" : "Type"} a number from 0 to ${number.max}.` : "");
      if (!form.reportValidity()) return;
      form.elements.run.value = element("outcome")?.dataset.run ?? "";
      const body = new FormData(form);
      settleAndFocus(String(Number(number.value)));
      if (origin === "null") return; // A frame in a sandbox may send nothing: the guess is drawn, and counted nowhere.
      try {
        const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
        if (response.status === 422) askAgain((await response.json()).error);
      } catch { /* It is drawn all the same. */ }
    });
    if (answer === null && element("counts")) element("counts").open = false;
    showChanged();
  });

  document.addEventListener("htmx:oobAfterSwap", showChanged);
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Nor is the result spoken before it is guessed.
    const { target, fragment } = event.detail;
    if (answer === null && target.id === "announce") fragment.textContent = fragment.textContent.replace(/:.*/s, ".");
  });
})();
