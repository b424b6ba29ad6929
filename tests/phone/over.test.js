// While others hold the last tasks a phone looks again later and later, and only while it is seen.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { makeOver } from "../../src/dure/doors/static/dure/phone/over.js";

const MINUTE_MS = 60_000;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

/** @param {import("../../src/dure/doors/static/dure/phone/types.js").Outlook} outlook */
function wait(outlook) {
  /** @type {number[]} */
  const looks = [];
  const page = { isHidden: false };
  const over = makeOver({
    look: () => {
      looks.push(Date.now());
      over.lookLater(outlook);
    },
    isHidden: () => page.isHidden,
  });
  over.lookLater(outlook);
  return { over, looks, page };
}

/** @param {number} ms */
function pass(ms) {
  for (let passed = 0; passed < ms; passed += 100) mock.timers.tick(100);
}

test("waits for the last tasks grow from some seconds to a minute", () => {
  const { looks } = wait("held");

  pass(20 * MINUTE_MS);

  const waits = looks.map((at, nth) => at - (looks[nth - 1] ?? 0));
  const bounds = [8_000, 16_000, 32_000, MINUTE_MS];
  for (const [nth, ms] of waits.entries()) {
    const most = bounds[Math.min(nth, bounds.length - 1)];
    assert.ok(ms >= most / 2 && ms <= most + 100, `wait ${nth}: ${ms}`);
  }
  assert.ok(waits.length > 20);
});

test("phones that began to wait in one instant do not all look in one", () => {
  const phones = Array.from({ length: 50 }, () => wait("held"));

  pass(10_000);

  assert.ok(new Set(phones.map(({ looks }) => looks[0])).size > 10);
});

test("a hidden page does not look", () => {
  const { looks, page } = wait("held");
  page.isHidden = true;

  pass(20 * MINUTE_MS);

  assert.deepEqual(looks, []);
});

test("what is on its way is looked for soon, and where all is done nothing is", () => {
  const coming = wait("coming");
  const done = wait("done");

  pass(MINUTE_MS);

  assert.ok(coming.looks.length >= 30);
  assert.deepEqual(done.looks, []);
});

test("after a task came the waits are short again", () => {
  const { over, looks } = wait("held");
  pass(5 * MINUTE_MS);
  const before = looks.length;

  over.lookLater("coming");
  over.lookLater("held");
  pass(8_100);

  assert.equal(looks.length, before + 1);
});
