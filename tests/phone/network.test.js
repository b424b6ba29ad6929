// What the server asks for is kept to: silence for as long as it says, and a little longer.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { keepAnswer, makeId, readWaiting } from "../../src/dure/doors/static/dure/phone/queue.js";
import { openStore } from "../../src/dure/doors/static/dure/phone/store.js";
import { sendBehind } from "../../src/dure/doors/static/dure/phone/worker.js";

/** @typedef {typeof import("../../src/dure/doors/static/dure/phone/network.js")} Network */

const { fetch, performance } = globalThis;
const { random } = Math;
let now = 0;
let opened = 0;
/** @type {Network["post"]} */
let post;

beforeEach(async () => {
  now = 1_000;
  Object.defineProperty(globalThis, "performance", { value: { now: () => now }, writable: true });
  Math.random = () => 0.5;
  // Each test is a page of its own.
  opened += 1;
  const place = `../../src/dure/doors/static/dure/phone/network.js?${opened}`;
  ({ post } = /** @type {Network} */ (await import(place)));
});

afterEach(() => {
  globalThis.fetch = fetch;
  globalThis.performance = performance;
  Math.random = random;
});

/** @param {{ status: number, after?: string }[]} replies the last one again and again */
function serve(...replies) {
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(String(path));
    const { status, after } = replies[Math.min(asked.length, replies.length) - 1];
    return new Response("{}", { status, headers: after ? { "Retry-After": after } : {} });
  };
  return asked;
}

for (const status of [429, 503]) {
  test(`after ${status} nothing is asked before the seconds are over, whatever it is`, async () => {
    const asked = serve({ status, after: "8" }, { status: 200 });
    const first = await post("/collect/answers", {}, "k");

    now += 9_999;
    const meanwhile = await post("/collect/lease", {}, "k");
    now += 2;
    const then = await post("/collect/lease", {}, "k");

    assert.deepEqual(first, { status, body: {}, retryAfter: 8 + 2 });
    assert.equal(meanwhile.status, status);
    assert.equal(then.status, 200);
    assert.deepEqual(asked, ["/collect/answers", "/collect/lease"]);
  });
}

test("phones that were told the same come back at different times, and none too early", async () => {
  serve({ status: 429, after: "1" });
  const waits = [];
  for (const chance of [0, 0.25, 0.5, 0.75, 0.999]) {
    Math.random = () => chance;
    waits.push((await post("/collect/answers", {}, "k")).retryAfter ?? 0);
    now += 10_000;
  }

  assert.equal(new Set(waits).size, 5);
  assert.ok(Math.min(...waits) >= 1);
  assert.ok(Math.max(...waits) >= 2.5);
});

test("an unreasonable wait is cut short, and no wait at all is none", async () => {
  serve({ status: 503, after: "86400" }, { status: 503 }, { status: 503, after: "soon" });

  assert.equal((await post("/collect/answers", {}, "k")).retryAfter, 75);
  now += 80_000;
  assert.equal((await post("/collect/answers", {}, "k")).retryAfter, null);
  assert.equal((await post("/collect/answers", {}, "k")).retryAfter, null);
});

test("the worker behind a closed page waits as it is told, and sends all that waits", async () => {
  globalThis.performance = performance;
  Math.random = () => 0;
  const db = await openStore();
  const id = makeId();
  const one = { call: "birds", token: "k", task: 1, value: "yes", prediction: null, ms: 9 };
  await keepAnswer(db, { id, ...one, place: 1 });
  let tries = 0;
  globalThis.fetch = async () => {
    tries += 1;
    if (tries < 4) return new Response("", { status: 429, headers: { "Retry-After": "0.02" } });
    return Response.json({ accepted: [id], late: [], refused: [] });
  };

  await sendBehind();

  assert.equal(tries, 4);
  assert.deepEqual(await readWaiting(db), []);
});

test("the worker leaves a dead network to the browser", async () => {
  globalThis.performance = performance;
  const db = await openStore();
  const one = { call: "birds", token: "k", task: 1, value: "yes", prediction: null, ms: 9 };
  await keepAnswer(db, { id: makeId(), ...one, place: 1 });
  globalThis.fetch = async () => {
    throw new TypeError("no network");
  };

  await assert.rejects(sendBehind(), { message: "the answers still wait" });

  assert.equal((await readWaiting(db)).length, 1);
});
