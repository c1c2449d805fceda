// Single keys for who decides about many: next, approve, return. They mark and lead; they never send.
"use strict";

const OFF = "siklus.pintasan-mati";
const CLICKED = new Set(["radio", "checkbox", "button", "submit"]); // inputs in which nobody types

const list = document.getElementById("pintasan");
const opener = document.querySelector("[data-keys]");
const switched = document.querySelector("[data-keys-on]");

function isOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true; // a browser that keeps nothing
  }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // then it holds for this page only
  }
}

function isTyping(target) {
  if (target.isContentEditable) return true;
  if (target.tagName === "INPUT") return !CLICKED.has(target.type);
  return target.tagName === "TEXTAREA" || target.tagName === "SELECT";
}

const items = () => [...document.querySelectorAll("[data-item]")];
const current = () => items().find((one) => one.contains(document.activeElement));

function lead(to) {
  if (!to) return;
  to.scrollIntoView({ block: "nearest" });
  const first = to.matches("a, button, input, textarea, summary")
    ? to
    : to.querySelector("a, input:not([type=hidden]), textarea, select, summary, button");
  first?.focus();
}

function step(by) {
  const all = items();
  const here = all.indexOf(current());
  lead(here < 0 ? all[by > 0 ? 0 : all.length - 1] : all[here + by]);
}

function mark(name) {
  const around = current() ?? document;
  const place = around.querySelector(`[data-${name}]`) ?? (items().some((one) => one.querySelector(`[data-${name}]`)) ? null : document.querySelector(`[data-${name}]`));
  if (!place) return;
  if (place.tagName === "DETAILS") place.open = true;
  if (place.type === "radio") {
    if (!current()) return; // whom it is about has to be seen first
    place.checked = true;
    place.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const reason = name === "return" ? current()?.querySelector("textarea") ?? place.querySelector("textarea") : null;
  (reason ?? place).focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  s: () => mark("approve"),
  b: () => mark("return"),
  n: () => mark("later"),
  o: () => current()?.querySelector("[data-read]")?.click(),
  "?": () => list.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!isOn() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (list.open || isTyping(event.target) || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

opener.hidden = false;
opener.addEventListener("click", () => list.showModal());
switched.checked = isOn();
switched.addEventListener("change", () => turn(switched.checked));
document.querySelector("[data-keys-close]").addEventListener("click", () => list.close());
