// Keeps parts of a page as they are now, where scripts run. Without this they are as they were when the page was asked for.
"use strict";

const AGAIN_FIRST_MS = 5000;
const AGAIN_MAX_MS = 60000;

function put(place, said) {
  const held = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  place.innerHTML = said;
  if (held === null) return;
  const same = [...place.querySelectorAll("a")].find((one) => one.getAttribute("href") === held);
  if (same) same.focus();
}

function follow(place) {
  let source = null;
  let timer = 0;
  let pause = AGAIN_FIRST_MS;
  let ended = false;

  const close = () => {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  };

  function open() {
    if (ended || source || document.hidden) return;
    source = new EventSource(place.dataset.live);
    source.addEventListener("message", (event) => {
      pause = AGAIN_FIRST_MS;
      put(place, event.data);
    });
    source.addEventListener("ended", () => {
      ended = true;
      close();
    });
    source.addEventListener("error", () => {
      // A connection that broke the browser makes again by itself; one that was refused it does not.
      if (!source || source.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, pause);
      pause = Math.min(2 * pause, AGAIN_MAX_MS);
    });
  }

  // A page that nobody sees holds no connection: a browser has few for one host.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}

document.querySelectorAll("[data-live]").forEach(follow);
