// The board renews itself: told by the server, or by asking now and then where that does not work.

const POLL_MS = 5_000;
const GENTLE_MS = 1_000;

const sign = /** @type {HTMLElement} */ (document.querySelector("[data-events]"));
const board = /** @type {HTMLElement} */ (document.querySelector("[data-board]"));
/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
let last = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let later;

/** At most once a second, and never while somebody reads a table that would close under them. */
function renew() {
  clearTimeout(later);
  const wait = last + GENTLE_MS - performance.now();
  if (wait > 0 || document.hidden) {
    later = setTimeout(renew, Math.max(wait, GENTLE_MS));
    return;
  }
  last = performance.now();
  const open = [...board.querySelectorAll("details")].map((one) => one.open);
  board.addEventListener(
    "htmx:afterSettle",
    () => {
      for (const [place, one] of [...board.querySelectorAll("details")].entries())
        one.open = open[place] ?? false;
    },
    { once: true },
  );
  board.dispatchEvent(new Event("board-changed"));
}

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
