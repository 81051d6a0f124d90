// Small comforts. Every page works without this file.
"use strict";

// Enter asks; Shift and Enter begin a new line. Enter that ends the composing of a character does neither: an input method
// has it with key code 229, and some browsers end the composing just before it.
document.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && !event.shiftKey && !composing && event.target.id === "question") {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// Who has asked needs no suggestions: none is looked for until the page is shown again.
let asked = false;
addEventListener("pageshow", () => { asked = false; });
document.addEventListener("submit", ({ target }) => { asked ||= target.matches(".ask"); });
document.addEventListener("htmx:configRequest", (event) => {
  if (asked && event.target.id === "question") event.preventDefault();
});

// What cannot be swapped in place is sent as a plain form: its own page then says what was wrong.
for (const trouble of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(trouble, (event) => {
    if (event.detail.elt instanceof HTMLFormElement) event.detail.elt.submit();
  });
}

// What was asked for may meanwhile be superseded: an answer to a look at an older run is dropped, and an answer to a form
// goes where its target stands now.
const supersede = ({ detail }) => {
  if (detail.target.isConnected) return;
  if (detail.elt === detail.target) detail.shouldSwap = false;
  else detail.target = document.getElementById(detail.target.id) ?? detail.target;
};
// Events of what has left the page do not reach the document: each status listens for itself.
const listen = () => document.getElementById("status")?.addEventListener("htmx:beforeSwap", supersede);
const around = document.getElementById("status")?.parentElement;
if (around) new MutationObserver(listen).observe(around, { childList: true });
listen();

// A form that was filled in wrongly comes back with what was wrong.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Retarget")) return;
  detail.shouldSwap = true;
  detail.isError = false;
});

// Enter and a button both change a control and send its form: once is enough.
let sent = { values: "", at: 0 };
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches(".variations")) return;
  const now = { values: String(new URLSearchParams(event.detail.formData)), at: performance.now() };
  if (now.values === sent.values && now.at - sent.at < 1000) event.preventDefault();
  else sent = now;
});

// The address keeps what is varied, also where Back leads to; the replay begins anew, with the same network opened.
const varied = () => document.getElementById("vary-query")?.dataset.query;
let kept = varied();
const keep = (hash) => history.replaceState(history.state, "", location.pathname + kept + hash);
const follow = () => keep(location.hash);
document.addEventListener("htmx:afterSettle", () => {
  const query = varied();
  if (query === undefined || query === kept) return;
  kept = query;
  keep(location.hash.replace(/&step=[^&]*/, ""));
  addEventListener("popstate", follow); // once, however often
});

// What is taken home is what the replay shows: the opened networks, or the first ones of the networks that stand there.
document.addEventListener("shown", ({ target, detail }) => {
  const line = target.closest("#stage")?.querySelector(".take-home");
  if (!line || !detail.every(({ run }) => run)) return;
  const taken = [...line.querySelectorAll(".taken")];
  for (const rest of taken.splice(detail.length)) {
    rest.previousSibling.remove();
    rest.remove();
  }
  while (taken.length < detail.length) {
    taken.push(taken[0].cloneNode(true));
    taken.at(-2).after("; ", taken.at(-1));
  }
  detail.forEach(({ run, cohort, title, network }, at) => {
    taken[at].querySelector(".taken-network").textContent = network + (title && ` of “${title}”`);
    for (const link of taken[at].querySelectorAll("a")) {
      const file = link.pathname.split("/").at(-1);
      const query = new URLSearchParams(file === "data.csv" ? { cohort } : { network, cohort });
      link.href = link.pathname.replace(/[^/]+\/[^/]+$/, `${encodeURIComponent(run)}/${file}?${query}`);
    }
  });
});

// On a narrow screen a field's help is shown from the first moment in it until another field is entered: when it went as
// the field is left, the button below moved away from under the finger that was pressing it.
document.addEventListener("focusin", ({ target }) => {
  const entered = target.closest(".vary .parameter");
  if (!entered) return;
  for (const other of document.querySelectorAll(".vary .parameter.helped")) other.classList.remove("helped");
  entered.classList.add("helped");
});

// Who presses the button of the form waits for what comes of it, which on a narrow screen is out of sight.
document.addEventListener("submit", ({ target }) => {
  if (target.matches(".variations") && matchMedia("(max-width: 60rem)").matches) document.getElementById("status")?.scrollIntoView({ block: "center" });
});

// A formula or table that is wider than the screen can be scrolled by keyboard.
const wide = () => {
  for (const box of document.querySelectorAll(".math.block, .prose table, .prose pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("resize", wide);
wide();

// The answer to another part of a post stands in a frame, which tells how tall it is.
addEventListener("message", ({ data, origin, source }) => {
  if (origin !== location.origin || data?.type !== "askneuron.height") return;
  const frame = [...document.querySelectorAll(".part iframe")].find((each) => each.contentWindow === source);
  if (frame) frame.style.height = `${data.height}px`;
});

// Buttons that copy; without this file the text is there to be selected.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  const label = button.firstChild;
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy"); // For pages without HTTPS, where there is no other clipboard.
    }
    button.focus();
    label.data = "Copied";
    document.getElementById("announce").textContent = "Copied";
    setTimeout(() => { label.data = "Copy"; }, 2000);
  });
}
