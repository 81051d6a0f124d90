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

// Each tab keeps what is typed by itself, so that two new entries in two tabs are two texts.
const tab = (() => {
  try {
    if (!sessionStorage.tab) sessionStorage.tab = Math.random().toString(36).slice(2, 10);
    return sessionStorage.tab;
  } catch { return "one"; }
})();
const keyOf = (keep, base) => `${PREFIX}${keep} ${base} ${tab}`;
// Of a key: the entry (none for a new one), the revision, and the tab.
const partsOf = (key) => {
  const found = key.startsWith(PREFIX) && /^(.*?) (\d+)(?: (\w+))?$/.exec(key.slice(PREFIX.length));
  return found ? { keep: found[1], base: Number(found[2]), tab: found[3] ?? "" } : null;
};

// What was saved, and what led to it in this tab, need no longer be kept here.
for (const mark of document.querySelectorAll("[data-saved]")) {
  const at = mark.dataset.saved.lastIndexOf(" ");
  const [keep, base] = [mark.dataset.saved.slice(0, at), Number(mark.dataset.saved.slice(at))];
  for (const key of Object.keys(localStorage)) {
    const of = partsOf(key);
    if (of && of.keep === keep && of.base <= base && (!of.tab || of.tab === tab)) forget(key);
  }
}

if (form) {
  const typed = () => [...new FormData(form)].filter(([key]) => key !== "csrf_token" && key !== "action");
  const own = () => keyOf(form.dataset.keep, form.elements.base.value);
  const before = JSON.stringify(typed());
  let timer = 0;

  // What was just brought back stands in the form as the server shows it, and is not saved either.
  if ("unsaved" in form.dataset) {
    try { localStorage.setItem(own(), before); } catch { /* It is longer than the browser keeps. */ }
  }

  // A tab that is open holds a lock of its name: what is typed there is not offered elsewhere.
  navigator.locks?.request(PREFIX + tab, () => new Promise(() => {})).catch(() => {});
  const openTabs = async () => {
    const held = await navigator.locks?.query().catch(() => null);
    return new Set((held?.held ?? []).map((each) => each.name.slice(PREFIX.length)));
  };

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
      box.setCustomValidity(`This has ${length.toLocaleString("en")} characters, and at most ${longest.toLocaleString("en")} are allowed.`);
      if (!box.reportValidity()) event.preventDefault();
    }
  });
  box.addEventListener("input", () => box.setCustomValidity(""));

  // What earlier visits left is offered, and comes back through the server, which makes all rows that it needs.
  const notice = document.getElementById("kept");
  const bringBack = (key, pairs, back) => {
    const base = pairs.find(([each]) => each === "base")?.[1] ?? 0;
    try { localStorage.setItem(keyOf(form.dataset.keep, base), JSON.stringify(pairs)); } catch { /* It is in the form. */ }
    if (key !== keyOf(form.dataset.keep, base)) forget(key);
    back.action = form.getAttribute("action"); // form.action is the buttons of that name
    for (const [each, value] of [...pairs, ["csrf_token", form.elements.csrf_token.value], ["action", "show"]]) {
      const field = document.createElement("textarea");
      field.name = each;
      field.value = value;
      field.hidden = true;
      back.append(field);
    }
    back.submit();
  };
  const offer = (key, pairs) => {
    const text = notice.querySelector("template").content.firstElementChild.cloneNode(true);
    const title = pairs.find(([each]) => each === "title")?.[1];
    text.querySelector("[data-what]").textContent = title ? `A text: “${title}”` : "A text without a title";
    text.querySelector("[data-back]").addEventListener("click", () => bringBack(key, pairs, text.querySelector("form")));
    text.querySelector("[data-drop]").addEventListener("click", () => {
      forget(key);
      text.remove();
      notice.hidden = !notice.querySelector("[data-what]");
    });
    notice.append(text);
    notice.hidden = false;
  };
  if (!document.querySelector(".conflict, form[data-keep] [aria-invalid]")) {
    openTabs().then((open) => {
      for (const key of Object.keys(localStorage)) {
        const of = partsOf(key), pairs = of && of.keep === form.dataset.keep ? stored(key) : null;
        if (Array.isArray(pairs) && (of.tab === tab || !open.has(of.tab)) && JSON.stringify(pairs) !== before) offer(key, pairs);
      }
    });
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
