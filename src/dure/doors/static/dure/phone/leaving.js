// Answers that the server has not said yes to when the page goes away: they are on the phone's disk
// and come with its next visit, but by then the call may be over. So they are sent on leaving, too.

import { postAndLeave } from "./network.js";

/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./queue.js").Turn} Turn */

// A page that goes away may send 64 kB; more is refused, and waits for the next visit as it would.
const ANSWERS_MAX = 10;

/** @param {string} call */
export function makeLeaving(call) {
  /** @type {Map<string, Omit<Waiting, "tried">>} */
  const given = new Map();

  return {
    /** @param {Omit<Waiting, "tried">} answer */
    hold(answer) {
      given.set(answer.id, answer);
    },
    /** @param {string} id of an answer that was taken back, or could not be kept */
    drop(id) {
      given.delete(id);
    },
    /** @param {Turn} turn */
    settle({ accepted, late, refused }) {
      for (const id of [...accepted, ...late, ...refused.map(({ id }) => id)]) given.delete(id);
    },
    /**
     * An answer that is also on its way already has the same id, which makes it harmless.
     * @returns {Set<number>} the tasks that were answered
     */
    send() {
      const last = [...given.values()].slice(-ANSWERS_MAX);
      for (const token of new Set(last.map(({ token }) => token))) {
        const own = last.filter((answer) => answer.token === token);
        const answers = own.map(({ id, task, value, prediction, ms }) => {
          return { id, task, value, prediction, ms };
        });
        postAndLeave("/collect/answers", { call, answers }, token);
      }
      return new Set([...given.values()].map(({ task }) => task));
    },
  };
}
