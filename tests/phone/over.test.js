// While others hold the last tasks a phone looks again later and later, and only while somebody is there.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { IDLE_MS, makeHolding } from "../../src/dure/doors/static/dure/phone/holding.js";
import { makeOver } from "../../src/dure/doors/static/dure/phone/over.js";

const MINUTE_MS = 60_000;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

/** @param {import("../../src/dure/doors/static/dure/phone/types.js").Outlook} outlook */
function wait(outlook) {
  /** @type {number[]} */
  const looks = [];
  const page = { isHidden: false };
  const look = () => {
    looks.push(Date.now());
    over.lookLater(outlook);
  };
  const holding = makeHolding({
    leaseMs: MINUTE_MS,
    renew: () => {},
    back: look,
    isHidden: () => page.isHidden,
  });
  const signs = new EventTarget();
  holding.watch(signs);
  const over = makeOver({ look, isThere: holding.isThere });
  over.lookLater(outlook);
  return { over, looks, page, touch: () => signs.dispatchEvent(new Event("pointermove")) };
}

/**
 * @param {number} ms
 * @param {() => unknown} [use] what somebody who is there does meanwhile
 */
function pass(ms, use = () => {}) {
  for (let passed = 0; passed < ms; passed += 100) {
    mock.timers.tick(100);
    use();
  }
}

test("waits for the last tasks grow from some seconds to a minute", () => {
  const { looks, touch } = wait("held");

  pass(20 * MINUTE_MS, touch);

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

test("a page that nobody is at stops looking, and looks at the next touch and from then on", () => {
  const { looks, touch } = wait("held");
  pass(20 * MINUTE_MS);
  const before = looks.length;
  const last = looks.at(-1) ?? 0;

  touch();
  pass(2 * MINUTE_MS);

  assert.ok(last > IDLE_MS - MINUTE_MS && last <= IDLE_MS, `${last}`);
  assert.equal(looks[before], 20 * MINUTE_MS);
  assert.ok(looks.length > before + 1);
});

test("a hidden page does not look", () => {
  const { looks, page, touch } = wait("held");
  page.isHidden = true;

  pass(20 * MINUTE_MS, touch);

  assert.deepEqual(looks, []);
});

test("what is on its way is looked for soon, and where all is done nothing is", () => {
  const coming = wait("coming");
  const done = wait("done");

  pass(MINUTE_MS);

  assert.ok(coming.looks.length >= 30);
  assert.deepEqual(done.looks, []);
});

test("while a task is here nothing is looked for, and afterwards the waits are short again", () => {
  const { over, looks } = wait("held");
  pass(3 * MINUTE_MS);
  const before = looks.length;

  over.rest();
  pass(MINUTE_MS);
  const meanwhile = looks.length;
  over.lookLater("held");
  pass(8_100);

  assert.deepEqual([meanwhile, looks.length], [before, before + 1]);
});
