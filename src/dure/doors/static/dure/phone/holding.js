// How long tasks are held: renewed while somebody uses the page, let go of when nobody does. A phone
// that was put down, or lost, keeps its tasks from others no longer than until their leases run out.

// Reading, thinking and looking something up on paper touch nothing.
export const IDLE_MS = 5 * 60_000;
const PERIOD_MS_MAX = 5 * 60_000;
const LOOK_MS_MAX = 5_000;
// What a tab gives back as it goes away arrives after the other tabs have heard of it; on a slow
// line, long after.
const LEFT_MS = [1_000, 10_000];
// What shows that somebody is there; a film or a sound that plays is being watched or heard.
const SIGNS = [
  "pointerdown",
  "pointermove",
  "keydown",
  "input",
  "scroll",
  "wheel",
  "timeupdate",
  // Who comes back to the page reads first.
  "visibilitychange",
];

/**
 * @param {object} options
 * @param {number} options.leaseMs how long a lease lasts
 * @param {() => unknown} options.renew
 * @param {() => unknown} options.back when the first touch comes after a time without any
 * @param {() => boolean} [options.isHidden]
 * @param {() => number} [options.now]
 */
export function makeHolding({
  leaseMs,
  renew,
  back,
  isHidden = () => document.hidden,
  now = () => Date.now(),
}) {
  // Two more tries before it is too late, should the network be away.
  const periodMs = Math.min(PERIOD_MS_MAX, leaseMs / 3);
  let touchedAt = now();
  let renewedAt = now();

  const isIdle = () => now() - touchedAt > IDLE_MS;
  const isThere = () => !isHidden() && !isIdle();
  const look = () => {
    if (!isThere() || now() - renewedAt < periodMs) return;
    renewedAt = now();
    renew();
  };
  /**
   * Somebody is there: what was let go of for a while may still be ours.
   * @param {Event} sign
   */
  const touch = ({ type }) => {
    const wasIdle = isIdle();
    touchedAt = now();
    look();
    // That a page is seen again is told to the whole page anyway.
    if (wasIdle && type !== "visibilitychange" && !isHidden()) back();
  };

  return {
    /** Whether the page is seen, and was used in the last minutes. */
    isThere,
    /**
     * Another tab gave back what is on loan to this one too: it may be had again, at once by
     * whoever is there, otherwise when somebody is.
     */
    askSoon() {
      const ask = () => {
        renewedAt = Number.NEGATIVE_INFINITY;
        look();
      };
      for (const ms of LEFT_MS) setTimeout(ask, ms);
    },
    /** @param {EventTarget} page */
    watch(page) {
      // Neither scrolling inside of a box nor a playing film is told to those above: hence capture.
      for (const sign of SIGNS)
        page.addEventListener(sign, touch, { capture: true, passive: true });
      return setInterval(look, Math.min(LOOK_MS_MAX, periodMs / 2));
    },
  };
}
