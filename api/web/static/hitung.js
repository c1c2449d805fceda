// Keeps the words of a countdown true while a page stands open; the page itself says them first.
"use strict";

const EVERY_MS = 30000;
const CLOCKS = { WIB: "Asia/Jakarta", WITA: "Asia/Makassar", WIT: "Asia/Jayapura" };

function dayOf(at, zone) {
  const written = at.toLocaleDateString("en-CA", { timeZone: CLOCKS[zone] });
  return Date.parse(`${written}T00:00:00Z`) / 86400000;
}

function left(said, now) {
  const end = new Date(said.left);
  if (end <= now) return said.gone;
  const days = dayOf(end, said.zone) - dayOf(now, said.zone);
  if (days > 0) return said.days.replace("{n}", days);
  const minutes = Math.floor((end - now) / 60000);
  return minutes >= 60 ? said.hours.replace("{n}", Math.floor(minutes / 60)) : said.minutes.replace("{n}", minutes);
}

// The page's own clock is the server's; what this computer's differs by is not its concern.
const ahead = Date.parse(document.querySelector("[data-now]")?.dataset.now ?? "") - Date.now() || 0;

function refresh() {
  const now = new Date(Date.now() + ahead);
  for (const one of document.querySelectorAll("[data-left]")) {
    one.textContent = left(one.dataset, now);
  }
}

setInterval(refresh, EVERY_MS);
