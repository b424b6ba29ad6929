// What the page says beside the question: what was done, what waits, and for five seconds "Undo".

import { el } from "./drawing.js";

/** @typedef {import("./types.js").Say} Say */
/** @typedef {import("./queue.js").Turn} Turn */
/** @typedef {{ state: string, progress: number | null, mine: number, others: Others[] }} News */
/** @typedef {{ task: number, answers: number, shares?: Record<string, number>, mean?: number }} Others */

const UNDO_MS = 5_000;
const THANKS_AT = [1, 5, 10, 25, 50, 100, 200, 500, 1000];

/**
 * @param {HTMLElement} root
 * @param {{ say: Say, promise: string, answered: number, keepAfter: number }} options
 */
export function makeStatus(root, { say, promise, answered, keepAfter }) {
  let last = "answered";
  /** @type {number | null} */
  let progress = null;
  let nWaiting = 0;
  let isAway = false;
  let isBusy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let undoTimer;
  const done = el("p", { class: "done" });
  const heard = el("p", { class: "heard", role: "status" });
  const waiting = el("p", { class: "waiting", role: "status", hidden: true });
  const fact = el("p", { class: "fact", role: "status", hidden: true });
  const undoBar = el("div", { class: "undo", hidden: true });
  const bar = el(
    "div",
    { class: "status" },
    el("div", { class: "status-row" }, done, undoBar),
    waiting,
    fact,
    heard,
  );
  const old = root.querySelector(".status");
  if (old) old.replaceWith(bar);
  else root.prepend(bar);
  for (const fate of root.querySelectorAll(".fate")) fate.remove();

  const refresh = () => {
    const words = [];
    if (answered) words.push(say("answered", { n: answered }));
    // What it brings is to be seen before the first answer.
    else if (promise) words.push(promise);
    if (progress !== null && words[0] !== promise)
      words.push(say(progress ? "progress" : "just_begun", { share: `${progress * 10}%` }));
    done.textContent = words.join(" · ");
    waiting.hidden = nWaiting === 0 || !isAway;
    waiting.classList.toggle("is-busy", isBusy);
    waiting.textContent = waiting.hidden
      ? ""
      : say(isBusy ? "waiting_busy" : "waiting", { n: nWaiting });
    for (const line of root.querySelectorAll(".keep")) {
      if (line instanceof HTMLElement) line.hidden = answered < keepAfter;
    }
  };
  const hideUndo = () => {
    clearTimeout(undoTimer);
    // The focus must not fall to the start of the page when the button goes.
    const hadFocus = undoBar.contains(document.activeElement);
    undoBar.hidden = true;
    done.hidden = false;
    if (hadFocus) /** @type {HTMLElement | null} */ (root.querySelector(".question"))?.focus();
  };
  refresh();

  return {
    /**
     * @param {Say} next
     * @param {string} promised
     */
    switchTo(next, promised) {
      say = next;
      promise = promised;
      hideUndo();
      fact.hidden = true;
      refresh();
    },
    /** @param {string} sentence */
    say(sentence) {
      fact.textContent = sentence;
      fact.hidden = false;
    },
    /** @param {string} sentence for those who do not see what has changed */
    tell(sentence) {
      heard.textContent = sentence;
    },
    /** @param {"answered" | "skipped"} what */
    countUp(what) {
      last = what;
      answered += 1;
      fact.hidden = true;
      refresh();
    },
    countDown() {
      answered -= 1;
      hideUndo();
      heard.textContent = say("taken_back");
      refresh();
    },
    /** @param {() => void} undo */
    showUndo(undo) {
      clearTimeout(undoTimer);
      const isMilestone = last === "answered" && THANKS_AT.includes(answered);
      const thanks =
        last === "skipped"
          ? say("skipped")
          : say(isMilestone ? "thanks_n" : "saved", { n: answered });
      const button = el("button", { class: "quiet-button", type: "button" }, say("undo"));
      button.addEventListener("click", undo);
      undoBar.replaceChildren(el("p", {}, thanks), button, el("span", { class: "undo-time" }));
      undoBar.hidden = false;
      done.hidden = true;
      heard.textContent = thanks;
      undoTimer = setTimeout(hideUndo, UNDO_MS);
    },
    /**
     * @param {number} n
     * @param {boolean} away whether the last try to send failed
     * @param {boolean} busy because the server asked for patience
     */
    showWaiting(n, away, busy) {
      nWaiting = n;
      isAway = away;
      isBusy = busy;
      refresh();
    },
    /** @param {Turn} turn */
    showFates({ late, refused, stands }) {
      if (refused.length) this.say(say("not_needed", { n: refused.length }));
      else if (late.length) this.say(say("came_late", { n: late.length }));
      else if (stands.length) this.say(say("undo_over"));
    },
    /**
     * @param {News} news
     * @param {Map<number, unknown>} mine
     */
    showNews(news, mine) {
      // Of a call that is over there is a result to tell, and no progress.
      progress = news.state === "closed" ? null : news.progress;
      answered = Math.max(answered, news.mine);
      refresh();
      const told = news.others.at(-1);
      const sentence = told ? tellOthers(told, mine.get(told.task), say) : "";
      if (sentence) this.say(sentence);
    },
  };
}

/**
 * @param {Others} others
 * @param {unknown} own
 * @param {Say} say
 */
function tellOthers({ answers, shares, mean }, own, say) {
  if (!answers) return say("first_here");
  if (shares && typeof own === "string") {
    return say("same_as_you", { n: answers, same: shares[own] ?? 0 });
  }
  return typeof mean === "number" ? say("others_said", { n: answers, mean }) : "";
}
