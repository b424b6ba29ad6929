// What waits to be sent: stored first, sent second, removed only after the server's yes.

import { Offline } from "./network.js";
import { change, readAll, readOne } from "./store.js";

/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./types.js").Undo} Undo */
/** @typedef {import("./types.js").Post} Post */
/** @typedef {import("./types.js").Reply} Reply */

/**
 * What a turn of sending came to. `stands` are answers that could not be taken back any more,
 * `next` is the last reply that came with tasks, `waitMs` when to try again, null if all is sent,
 * `isBusy` whether that is because the server asks for it.
 * @typedef {object} Turn
 * @property {string[]} accepted
 * @property {string[]} late
 * @property {{ id: string, task: number, reason: string }[]} refused
 * @property {string[]} stands
 * @property {Record<string, unknown> | null} next
 * @property {number | null} waitMs
 * @property {boolean} isBusy
 */

export const LOCK = "dure-send";
export const SYNC = "dure-send";
const ANSWERS_AT_ONCE = 50;
const REFUSED_KEPT_MAX = 100;
const WAIT_MS_MIN = 1_000;
const WAIT_MS_MAX = 60_000;

/**
 * @param {IDBDatabase} db
 * @param {Omit<Waiting, "tried">} answer
 */
export async function keepAnswer(db, answer) {
  await change(db, ["answers", "tasks"], ({ answers, tasks }) => {
    answers.put({ ...answer, tried: false });
    tasks.delete([answer.call, answer.task]);
  });
}

/**
 * Take an answer back: one that never left is gone at once, of any other the server is told.
 * @param {IDBDatabase} db
 * @param {Undo} undo
 */
export function takeBack(db, undo) {
  return alone(db, async () => {
    /** @type {Waiting | undefined} */
    const waiting = await readOne(db, "answers", undo.answer);
    await change(db, ["answers", "undos"], ({ answers, undos }) => {
      answers.delete(undo.answer);
      if (!waiting || waiting.tried) undos.put(undo);
    });
  });
}

/**
 * @param {IDBDatabase} db
 * @returns {Promise<Waiting[]>}
 */
export async function readWaiting(db) {
  /** @type {Waiting[]} */
  const rows = await readAll(db, "answers");
  return rows.sort((a, b) => a.place - b.place);
}

/**
 * Send what waits now, one tab at a time; the answers of one call and person go together. What is
 * given meanwhile is for the next turn, so that the tasks which come along are put to use at once.
 * @param {object} options
 * @param {IDBDatabase} options.db
 * @param {Post} options.post
 * @param {string} [options.call] the call on the screen, for which tasks are asked along
 * @param {number} [options.lease]
 * @returns {Promise<Turn>}
 */
export function send({ db, post, call, lease = 0 }) {
  return alone(db, async () => {
    const fates = { accepted: [], late: [], refused: [], stands: [] };
    /** @type {Turn} */
    const turn = { ...fates, next: null, waitMs: null, isBusy: false };
    try {
      if (!(await sendUndos(db, post, turn))) return turn;
      for (const batch of inBatches(await readWaiting(db))) {
        if (!(await sendBatch(db, post, turn, batch, batch[0].call === call ? lease : 0))) break;
      }
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      turn.waitMs = WAIT_MS_MIN;
    }
    return turn;
  });
}

/** An answer's id, made on the phone. */
export function makeId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Without HTTPS, as on a local network, there is no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/**
 * How long to wait before try number `tries`, doubling, with a share of chance so that a crowd
 * that lost one server does not come back in one instant.
 * @param {number} tries
 * @param {number} [chance] from 0 to 1
 */
export function backOff(tries, chance = Math.random()) {
  const whole = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** Math.min(tries, 10));
  return Math.round(whole * (0.5 + chance / 2));
}

/**
 * True if the server has spoken on each of them.
 * @param {IDBDatabase} db
 * @param {Post} post
 * @param {Turn} turn
 * @returns {Promise<boolean>}
 */
async function sendUndos(db, post, turn) {
  /** @type {Undo[]} */
  const undos = await readAll(db, "undos");
  for (const undo of undos) {
    const { call, answer, token } = undo;
    const reply = await post("/collect/undo", { call, answer }, token);
    if (isPassing(reply)) return askLater(turn, reply);
    // 404: it never arrived, which is as good as taken back.
    if (reply.status === 409) turn.stands.push(answer);
    await change(db, ["undos"], ({ undos }) => undos.delete(answer));
  }
  return true;
}

/**
 * @param {Turn} turn
 * @param {Reply} reply
 */
function askLater(turn, reply) {
  turn.waitMs = waitOf(reply);
  turn.isBusy = reply.status === 429 || reply.status === 503;
  return false;
}

/**
 * @param {Waiting[]} waiting
 * @returns {Waiting[][]}
 */
function inBatches(waiting) {
  /** @type {Map<string, Waiting[]>} */
  const together = new Map();
  for (const answer of waiting) {
    const key = `${answer.call} ${answer.token}`;
    together.set(key, [...(together.get(key) ?? []), answer]);
  }
  return [...together.values()].flatMap((answers) =>
    answers.flatMap((_, at) =>
      at % ANSWERS_AT_ONCE ? [] : [answers.slice(at, at + ANSWERS_AT_ONCE)],
    ),
  );
}

/**
 * True if the server has spoken on each answer of the batch.
 * @param {IDBDatabase} db
 * @param {Post} post
 * @param {Turn} turn
 * @param {Waiting[]} batch
 * @param {number} lease
 * @returns {Promise<boolean>}
 */
async function sendBatch(db, post, turn, batch, lease) {
  const { call, token } = batch[0];
  await change(db, ["answers"], ({ answers }) => {
    for (const answer of batch) answers.put({ ...answer, tried: true });
  });
  const answers = batch.map(({ id, task, value, prediction, ms }) => ({
    id,
    task,
    value,
    prediction,
    ms,
  }));
  const reply = await post("/collect/answers", { call, answers, lease }, token);
  if (isPassing(reply)) return askLater(turn, reply);
  if (reply.status === 200) {
    const settled = await settle(db, turn, batch, reply.body);
    if (lease > 0) turn.next = reply.body;
    // A reply that names none of the answers would otherwise be asked for again without an end.
    if (settled === 0) turn.waitMs = WAIT_MS_MAX;
    return settled > 0;
  }
  if (batch.length > 1) {
    // One of them spoils the request: alone, each gets its own verdict.
    for (const answer of batch) {
      if (!(await sendBatch(db, post, turn, [answer], 0))) return false;
    }
    return true;
  }
  const refused = [{ id: batch[0].id, reason: String(reply.body.code ?? reply.status) }];
  await settle(db, turn, batch, { refused });
  return true;
}

/**
 * @param {IDBDatabase} db
 * @param {Turn} turn
 * @param {Waiting[]} batch
 * @param {Record<string, any>} fates
 * @returns {Promise<number>} how many answers the server has spoken on
 */
async function settle(db, turn, batch, { accepted = [], late = [], refused = [] }) {
  const taskOf = new Map(batch.map(({ id, task }) => [id, task]));
  const reasons = new Map(
    refused.map((/** @type {{ id: string, reason: string }} */ { id, reason }) => [id, reason]),
  );
  const kept = await readAll(db, "refused");
  await change(db, ["answers", "refused"], (stores) => {
    for (const id of [...accepted, ...late, ...reasons.keys()]) stores.answers.delete(id);
    for (const answer of batch) {
      const reason = reasons.get(answer.id);
      if (reason) stores.refused.put({ ...answer, reason });
    }
    for (const { id } of kept.slice(0, Math.max(0, kept.length - REFUSED_KEPT_MAX))) {
      stores.refused.delete(id);
    }
  });
  turn.accepted.push(...accepted);
  turn.late.push(...late);
  for (const [id, reason] of reasons) {
    turn.refused.push({ id, task: taskOf.get(id) ?? 0, reason });
  }
  return [...accepted, ...late, ...reasons.keys()].filter((id) => taskOf.has(id)).length;
}

/**
 * Whether the same may be asked again a little later.
 * @param {Reply} reply
 */
export function isPassing({ status }) {
  // 421: a server that does not know its own name yet.
  return status === 408 || status === 421 || status === 429 || status >= 500;
}

/** @param {Reply} reply */
export function waitOf({ retryAfter }) {
  return retryAfter ? retryAfter * 1000 : WAIT_MS_MIN;
}

/**
 * Only one tab, or the worker behind them, sends at a time. Without Web Locks two may, which the
 * ids make harmless.
 * @template T
 * @param {IDBDatabase} db
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function alone(db, work) {
  // What has no name is this window's own, and there locks may be denied too.
  const locks = db.name ? globalThis.navigator?.locks : null;
  return locks ? locks.request(LOCK, work) : work();
}
