// What shows instead of a task: one is on its way, others hold the last ones, or all is done; and
// when to look again.

import { clonePart, drawFetching, drawHeld, el } from "./drawing.js";
import { backOff } from "./queue.js";

/** @typedef {import("./types.js").Say} Say */
/** @typedef {import("./types.js").Outlook} Outlook */

// Tries as backOff counts them: a second or two, for what is on its way; then from four to eight
// seconds, growing to a minute, while others hold the last tasks.
const SOON = 1;
const PATIENT = 3;

/**
 * @param {object} options
 * @param {() => unknown} options.look ask the server for tasks
 * @param {() => boolean} options.isThere whether somebody is
 */
export function makeOver({ look, isThere }) {
  let looks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  return {
    /** A task is here: there is nothing to look for. */
    rest() {
      clearTimeout(timer);
      looks = 0;
    },
    /**
     * Look again by itself, but take no task for a page that nobody is at. Whoever comes back to it
     * looks at once in any case.
     * @param {Outlook} outlook
     */
    lookLater(outlook) {
      clearTimeout(timer);
      if (outlook !== "held") looks = 0;
      if (outlook === "done") return;
      const lookNow = () => {
        looks += 1;
        if (isThere()) look();
      };
      timer = setTimeout(lookNow, backOff(outlook === "held" ? PATIENT + looks : SOON));
    },
    /**
     * @param {HTMLElement} root
     * @param {Outlook} outlook
     * @param {object} how
     * @param {Say} how.say
     * @param {string} how.language
     * @param {() => Promise<boolean>} how.again what the button does; true if the server has spoken
     */
    draw(root, outlook, { say, language, again }) {
      if (outlook === "coming") return drawFetching(say);
      const part = outlook === "held" ? drawHeld(say) : clonePart(root, "over", language);
      const button = part.querySelector(".again");
      if (!button) return part;
      // Below the button, and there from the start: nothing moves under the thumb.
      const found = el("p", { class: "found", role: "status" });
      part.append(found);
      button.addEventListener("click", async (event) => {
        event.preventDefault();
        // Whatever has come free stands in this part's place by now.
        if (await again()) found.textContent = say("none_free");
      });
      return part;
    },
  };
}
