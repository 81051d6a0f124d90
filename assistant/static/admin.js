// Comforts of the teachers' pages. Every page works without this file.
"use strict";

const form = document.querySelector("form[data-keep]");
const PREFIX = "askneuron-typed ";

const stored = (key) => {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
};
const forget = (key) => {
  try { localStorage.removeItem(key); } catch { /* Nothing is kept then. */ }
};

// What was saved, and what led to it, need no longer be kept here.
for (const mark of document.querySelectorAll("[data-saved]")) {
  const at = mark.dataset.saved.lastIndexOf(" ");
  const start = `${PREFIX}${mark.dataset.saved.slice(0, at)} `;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(start) && Number(key.slice(start.length)) <= Number(mark.dataset.saved.slice(at))) forget(key);
  }
}

if (form) {
  const typed = () => [...new FormData(form)].filter(([key]) => key !== "csrf_token" && key !== "action");
  const own = () => `${PREFIX}${form.dataset.keep} ${form.elements.base.value}`;
  const before = JSON.stringify(typed());
  let timer = 0;

  // What is typed is kept in this browser until it is saved, whatever happens to the tab.
  const keep = () => {
    clearTimeout(timer);
    const now = JSON.stringify(typed());
    if (now === before) return;
    try { localStorage.setItem(own(), now); } catch { /* It is longer than the browser keeps. */ }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
  form.addEventListener("submit", keep);
  addEventListener("pagehide", keep);

  // A text that cannot be saved is not even sent.
  const box = form.elements.explanation, longest = Number(form.dataset.longest);
  form.addEventListener("submit", (event) => {
    const length = box.value.trim().length;
    box.setCustomValidity("");
    if (length > longest && event.submitter?.value === "save") {
      box.setCustomValidity(`This has ${length.toLocaleString("en")} characters, and at most ${longest.toLocaleString("en")} are kept.`);
      if (!box.reportValidity()) event.preventDefault();
    }
  });
  box.addEventListener("input", () => box.setCustomValidity(""));

  // What an earlier visit left is offered, and comes back through the server, which makes all rows that it needs.
  const notice = document.getElementById("kept");
  const start = `${PREFIX}${form.dataset.keep} `;
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(start) && !key.slice(start.length).includes(" "));
  const found = keys.map((key) => [key, stored(key)]).filter(([, pairs]) => Array.isArray(pairs));
  const last = found.find(([key]) => key === own()) ?? found[0];
  if (last && JSON.stringify(last[1]) !== before && !document.querySelector(".conflict, form[data-keep] [aria-invalid]")) {
    const [key, pairs] = last;
    const title = pairs.find(([each]) => each === "title")?.[1];
    notice.querySelector("[data-what]").textContent = title ? `a text (“${title}”)` : "a text";
    notice.hidden = false;
    notice.querySelector("[data-back]").addEventListener("click", () => {
      const back = notice.querySelector("[data-bring]");
      back.action = form.getAttribute("action"); // form.action is the buttons of that name
      const all = [...pairs, ["csrf_token", form.elements.csrf_token.value], ["action", "show"]];
      for (const [each, value] of all) {
        const field = document.createElement("textarea");
        field.name = each;
        field.value = value;
        field.hidden = true;
        back.append(field);
      }
      back.submit();
    });
    notice.querySelector("[data-drop]").addEventListener("click", () => { forget(key); notice.hidden = true; });
  }

  // Another experiment has other parameters and findings.
  form.elements.experiment.addEventListener("change", () => {
    form.requestSubmit(form.querySelector("button[value=refresh]"));
  });
  for (const each of document.querySelectorAll(".without-script")) each.hidden = true;
}

// A preview that is refused because the session ended says so; typing goes on, and saving asks to sign in.
document.addEventListener("htmx:responseError", (event) => {
  const kicker = document.querySelector(".preview .kicker");
  if (event.detail.xhr.status !== 401 || !kicker) return;
  kicker.textContent = "You are signed out. What you type is kept in this browser, and saving asks you to sign in.";
});
