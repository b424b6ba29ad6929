// What others answered is asked for when the own answer stands, and until a reply has come.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { makeNews } from "../../src/dure/doors/static/dure/phone/news.js";

/** @typedef {import("../../src/dure/doors/static/dure/phone/types.js").Reply} Reply */

const STANDS_MS = 11_000;
const LONGEST_WAIT_MS = 60_000;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/** @param {(nth: number) => number | null} [statusOf] null is a dead line */
function makePhone(statusOf = () => 200) {
  /** @type {number[][]} */
  const asked = [];
  /** @type {unknown[]} */
  const told = [];
  const news = makeNews({
    ask: async (tasks) => {
      asked.push(tasks);
      const status = statusOf(asked.length);
      return status === null ? null : { status, body: { tasks }, retryAfter: null };
    },
    tell: ({ tasks }) => told.push(tasks),
  });
  return { news, asked, told };
}

/** @param {number} ms */
async function pass(ms) {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test("an answer is asked about eleven seconds after it arrived, once", async () => {
  const { news, asked, told } = makePhone();
  news.want(7);
  await pass(STANDS_MS);
  assert.deepEqual(asked, []);
  news.arrived();
  await pass(STANDS_MS - 1);
  assert.deepEqual(asked, []);
  await pass(1);
  news.arrived();
  await pass(LONGEST_WAIT_MS);
  assert.deepEqual([asked, told], [[[7]], [[7]]]);
});

test("an answer given before the page has begun is asked about all the same", async () => {
  const { news, told } = makePhone();
  news.want(7);
  news.arrived();
  await news.begin();
  await pass(STANDS_MS);
  assert.deepEqual(told, [[], [7]]);
});

test("a dead line and a busy server are asked again, later and later", async () => {
  const { news, asked, told } = makePhone((nth) => [null, 503, 429, 200][nth - 1]);
  news.want(7);
  news.arrived();
  await pass(STANDS_MS);
  await pass(500);
  assert.equal(asked.length, 1);
  for (let nth = 0; nth < 3; nth += 1) await pass(LONGEST_WAIT_MS);
  assert.equal(asked.length, 4);
  assert.deepEqual(told, [[7]]);
});

test("a server that says no is not asked again", async () => {
  const { news, asked, told } = makePhone(() => 403);
  news.want(7);
  news.arrived();
  await pass(STANDS_MS);
  await pass(LONGEST_WAIT_MS);
  assert.deepEqual([asked.length, told], [1, []]);
});

test("what is answered meanwhile is waited for, and then all is asked together", async () => {
  const { news, asked, told } = makePhone();
  news.want(7);
  news.arrived();
  await pass(STANDS_MS - 1);
  news.want(8);
  await pass(STANDS_MS);
  assert.deepEqual(asked, []);
  news.arrived();
  mock.timers.tick(STANDS_MS);
  news.want(9);
  await pass(0);
  assert.deepEqual([asked, told], [[[7, 8]], []]);
  news.arrived();
  await pass(STANDS_MS);
  assert.deepEqual(told, [[7, 8, 9]]);
});

test("what was taken back is not asked about", async () => {
  const { news, asked } = makePhone();
  news.want(7);
  news.want(8);
  news.forget(7);
  news.arrived();
  await pass(STANDS_MS);
  news.want(9);
  news.forget(9);
  news.arrived();
  await pass(LONGEST_WAIT_MS);
  assert.deepEqual(asked, [[8]]);
});
