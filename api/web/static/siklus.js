// What a form's page does by itself where scripts run: it saves while somebody types. Without this the buttons do all of it.
"use strict";

const QUIET_MS = 2000; // after the last key
const AGAIN_MS = 15000; // where it could not be saved
const OUTLIVES = 60000; // bytes that a browser still sends for a page that was closed

function keepSaving(form) {
  const status = form.querySelector("[data-saving]");
  const version = form.querySelector("input[name=version]");
  if (!status || !version) return;
  let timer = 0;
  let unsaved = false;
  let running = false;
  let leaving = false;
  let pressed = null; // a button, while a save is under way that the form's version waits for

  // The page holds the words, in its own language.
  const say = (key) => {
    const locale = document.documentElement.lang === "en" ? "en-GB" : "id-ID";
    const clock = new Date().toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
    status.textContent = key === "saved" ? `${status.dataset[key]} ${clock}.` : status.dataset[key];
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  };

  async function save() {
    if (!unsaved || running || leaving) return;
    running = true;
    unsaved = false;
    say("busy");
    const typed = new URLSearchParams(new FormData(form));
    typed.set("press", "save");
    let again = 0;
    const body = typed.toString();
    const keepalive = document.hidden && body.length < OUTLIVES; // the page may be going
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        keepalive,
        headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      });
      if (answer.ok) {
        version.value = (await answer.json()).version;
        if (!unsaved) say("saved");
      } else {
        unsaved = true;
        if (answer.status === 401) say("signedOut");
        else if (answer.status === 412) say("conflict");
        else if (answer.status < 500) say("refused");
        else again = AGAIN_MS;
      }
    } catch {
      unsaved = true;
      again = AGAIN_MS;
    }
    running = false;
    if (pressed) {
      form.requestSubmit(pressed);
    } else if (again) {
      say("away");
      later(again);
    } else if (unsaved && status.textContent === status.dataset.busy) {
      later(QUIET_MS); // more was typed meanwhile
    }
  }

  form.addEventListener("input", () => {
    if (!unsaved) say("typing");
    unsaved = true;
    later(QUIET_MS);
  });
  form.addEventListener("submit", (event) => {
    if (running) {
      event.preventDefault();
      pressed = event.submitter;
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", save);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !leaving) event.preventDefault();
  });
}

document.querySelectorAll("form.write").forEach(keepSaving);
