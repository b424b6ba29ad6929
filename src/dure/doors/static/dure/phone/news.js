// What others answered, told once an own answer stands: asked for when it can't be undone any more,
// and again later if no reply came.

import { backOff, isPassing, waitOf } from "./queue.js";

/** @typedef {import("./types.js").Reply} Reply */

// The server tells nothing of an answer in its first ten seconds.
const STANDS_MS = 11_000;
const TASKS_MAX = 20;

/**
 * @param {object} options
 * @param {(tasks: number[]) => Promise<Reply | null>} options.ask null when the network is away
 * @param {(news: Record<string, any>) => void} options.tell
 */
export function makeNews({ ask, tell }) {
  /** @type {number[]} */
  let wanted = [];
  let tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {number} ms */
  const readIn = (ms) => {
    clearTimeout(timer);
    if (wanted.length) timer = setTimeout(read, ms);
  };
  const read = async () => {
    const tasks = wanted;
    const reply = await ask(tasks);
    // Something was answered or taken back meanwhile: all is asked again when that has come.
    if (wanted !== tasks) return;
    if (!reply || isPassing(reply)) {
      tries += 1;
      readIn(Math.max(backOff(tries), reply ? waitOf(reply) : 0));
      return;
    }
    wanted = [];
    clearTimeout(timer);
    if (reply.status === 200) tell(reply.body);
  };

  return {
    /** How far the call is. */
    async begin() {
      const reply = await ask([]);
      if (reply?.status === 200) tell(reply.body);
    },
    /** @param {number} task that was answered just now; nothing is asked before that arrived */
    want(task) {
      wanted = [...wanted, task].slice(-TASKS_MAX);
      clearTimeout(timer);
    },
    /** @param {number} task whose answer was taken back */
    forget(task) {
      wanted = wanted.filter((id) => id !== task);
    },
    /** The server has all answers: on a slow line it says so long after the tap. */
    arrived() {
      tries = 0;
      readIn(STANDS_MS);
    },
  };
}
