// The tasks on loan to this phone: some ahead of the one on the screen, kept for a dead network.

import { post, postAndLeave } from "./network.js";
import { prefetch } from "./presence.js";
import { readWaiting } from "./queue.js";
import { change, readAll } from "./store.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Outlook} Outlook */
/** @typedef {import("./types.js").Reply} Reply */

export const AHEAD = 8;
const AHEAD_MIN = 6;
const TASKS_AT_ONCE = 50;

/**
 * @param {object} options
 * @param {IDBDatabase} options.db
 * @param {string} options.slug of the call
 * @param {{ token: string }} options.person
 */
export function makeLoans({ db, slug, person }) {
  /** @type {Task[]} */
  let ahead = [];
  /** @type {Task | null} */
  let current = null;
  /** @type {Outlook} what the server let us expect when it spoke last */
  let outlook = "coming";
  // How many tasks the phone may have: of the last ones no more than one, since others wait too.
  let most = AHEAD;
  /** @type {Set<number>} */
  const answered = new Set();

  const ids = () => [current, ...ahead].flatMap((task) => (task ? [task.id] : []));
  const store = () =>
    change(db, ["tasks"], ({ tasks }) => {
      tasks.delete(IDBKeyRange.bound([slug, 0], [slug, Number.MAX_SAFE_INTEGER]));
      [current, ...ahead].forEach((task, place) => {
        if (task) tasks.put({ ...task, call: slug, place });
      });
    });

  return {
    get current() {
      return current;
    },
    get outlook() {
      return outlook;
    },
    /** How many tasks to ask for along with the next answers. */
    get wanted() {
      return ids().length <= Math.min(AHEAD_MIN, most - 1) ? most : 0;
    },
    /**
     * @param {{ task: Task | null, more: boolean }} fresh what the server put into the page
     * @param {boolean} isOld whether the page is an old copy, or another's
     */
    async begin({ task: fresh, more }, isOld) {
      const waiting = new Set((await readWaiting(db)).map(({ task }) => task));
      /** @type {(Task & { call: string, place: number })[]} */
      const rows = await readAll(db, "tasks");
      const own = rows.filter((row) => row.call === slug).sort((a, b) => a.place - b.place);
      const stored = own.map(({ id, content, until }) => ({ id, content, until }));
      outlook = isOld || fresh ? "coming" : more ? "held" : "done";
      if (outlook === "held") most = 1;
      const all = fresh && !isOld ? [fresh, ...stored.filter(({ id }) => id !== fresh.id)] : stored;
      ahead = all.filter(({ id }) => !waiting.has(id));
    },
    /** The next task comes on the screen. */
    next() {
      current = ahead.shift() ?? null;
      return current;
    },
    /** @param {number} id */
    finish(id) {
      answered.add(id);
    },
    /**
     * A task whose answer was taken back is the current one again.
     * @param {Task} task
     */
    async reopen(task) {
      answered.delete(task.id);
      if (current) ahead.unshift(current);
      current = task;
      await store();
    },
    /** @param {number} id of a task that turned out to be answered elsewhere */
    async drop(id) {
      answered.add(id);
      ahead = ahead.filter((task) => task.id !== id);
      await store();
    },
    /** Somebody else is using the page now. */
    forget() {
      ahead = [];
    },
    /**
     * What the server says is ours; true if the current task still is.
     * @param {Record<string, any>} reply
     * @param {number} [asked] how many were asked for along with answers
     */
    async adopt({ tasks, more }, asked = 0) {
      outlook = tasks.length ? "coming" : more ? "held" : "done";
      if (outlook === "held") most = 1;
      // Who answers and is given all again may have more at a time, step by step.
      else if (asked && tasks.length >= asked) most = Math.min(AHEAD, 2 * most);
      const waiting = new Set((await readWaiting(db)).map(({ task }) => task));
      /** @type {Task[]} */
      const own = tasks.filter(
        (/** @type {Task} */ { id }) => !waiting.has(id) && !answered.has(id),
      );
      ahead = own.filter(({ id }) => id !== current?.id);
      await store();
      prefetch(ahead);
      return own.some(({ id }) => id === current?.id);
    },
    /**
     * Have tasks enough on the phone; null when the network is away.
     * @returns {Promise<Reply | null>}
     */
    async fetch() {
      const waiting = await readWaiting(db);
      const n = Math.min(TASKS_AT_ONCE, Math.max(most, ids().length) + waiting.length);
      return post("/collect/lease", { call: slug, n }, person.token).catch(() => null);
    },
    /** False if some of them are not ours any more. */
    async renew() {
      const tasks = ids();
      if (!tasks.length) return true;
      const body = { call: slug, tasks };
      const reply = await post("/collect/renew", body, person.token).catch(() => null);
      const renewed = /** @type {unknown[] | undefined} */ (reply?.body.renewed);
      return reply?.status !== 409 && (renewed?.length ?? tasks.length) === tasks.length;
    },
    /**
     * On leaving: others may have at once what is not answered here.
     * @param {Set<number>} answeredNow
     */
    giveBack(answeredNow) {
      const tasks = ids().filter((id) => !answeredNow.has(id));
      if (tasks.length) postAndLeave("/collect/return", { call: slug, tasks }, person.token);
    },
  };
}
