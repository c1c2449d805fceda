// Says while somebody rates what the rating would come to. Without this a button of the form does.
"use strict";

const PAUSE_MS = 700; // after the last key

function foresee(place) {
  const form = document.querySelector("form.write");
  let timer = 0;
  let asked = 0;

  async function ask() {
    const number = (asked += 1);
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(place.dataset.ahead, { method: "POST", body });
      const said = answer.ok ? await answer.text() : null;
      // An answer that was overtaken by another says what is typed no more.
      if (said !== null && number === asked && place.innerHTML !== said) place.innerHTML = said;
    } catch {
      // Away for a moment: the next key asks again, and the button is still there.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
}

document.querySelectorAll("[data-ahead]").forEach(foresee);
