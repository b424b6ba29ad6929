// The board renews itself: told by the server, or by asking now and then where that does not work.

import { patch } from "./patching.js";

const POLL_MS = 5_000;
const GENTLE_MS = 1_000;

const sign = /** @type {HTMLElement} */ (document.querySelector("[data-events]"));
const board = /** @type {HTMLElement} */ (document.querySelector("[data-board]"));
/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
let last = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let later;

/** At most once a second, and only while somebody looks. */
function renew() {
  clearTimeout(later);
  const wait = last + GENTLE_MS - performance.now();
  if (wait > 0 || document.hidden) {
    later = setTimeout(renew, Math.max(wait, GENTLE_MS));
    return;
  }
  last = performance.now();
  board.dispatchEvent(new Event("board-changed"));
}

// The fresh board is not put in the old one's place, which would take the focus, close tables and
// lose how far they were scrolled: the old one is made like it.
board.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (!detail.shouldSwap) return;
  detail.shouldSwap = false;
  // Inside an element, so that the space at the beginning is not lost.
  const { body } = new DOMParser().parseFromString(
    `<div>${detail.serverResponse}</div>`,
    "text/html",
  );
  patch(board, /** @type {Element} */ (body.firstElementChild));
});

// News that could not be read is not told again, so it is asked for again.
board.addEventListener("htmx:afterRequest", (event) => {
  const { status } = /** @type {CustomEvent<{ xhr: XMLHttpRequest }>} */ (event).detail.xhr;
  if (status !== 0 && status < 500) return;
  clearTimeout(later);
  later = setTimeout(renew, POLL_MS);
});

/** @param {boolean} isLive */
function say(isLive) {
  sign.classList.toggle("on", isLive);
  sign.textContent = (isLive ? sign.dataset.live : sign.dataset.polling) ?? "";
}

function poll() {
  say(false);
  polling ??= setInterval(renew, POLL_MS);
}

function listen() {
  const events = new EventSource(sign.dataset.events ?? "");
  events.addEventListener("open", () => {
    clearInterval(polling);
    polling = undefined;
    say(true);
  });
  events.addEventListener("change", renew);
  events.addEventListener("error", () => {
    poll();
    // Refused for good, as when too many look on: asking goes on, and listening is tried again.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 12 * POLL_MS);
  });
}

listen();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) renew();
});
