// Tasks are renewed before they run out while somebody is there, and let go of when nobody is.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { IDLE_MS, makeHolding } from "../../src/dure/doors/static/dure/phone/holding.js";

const STEP_MS = 50;

/** @param {number} leaseMs */
function hold(leaseMs) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setInterval", "setTimeout", "Date"] });
  /** @type {number[]} */
  const renewals = [];
  /** @type {number[]} */
  const backs = [];
  const page = new EventTarget();
  const state = { isHidden: false };
  const holding = makeHolding({
    leaseMs,
    renew: () => renewals.push(Date.now()),
    back: () => backs.push(Date.now()),
    isHidden: () => state.isHidden,
  });
  holding.watch(page);
  const touch = (sign = "pointerdown") => page.dispatchEvent(new Event(sign));
  // What is called sees the end of a step as the time.
  /** @param {number} ms */
  const pass = (ms) => {
    for (let passed = 0; passed < ms; passed += STEP_MS) mock.timers.tick(STEP_MS);
  };
  const { askSoon, isThere } = holding;
  return { renewals, backs, state, touch, pass, askSoon, isThere };
}

/**
 * The longest time without a renewal.
 * @param {number[]} renewals
 * @param {number} until
 */
function longestGap(renewals, until) {
  const all = [0, ...renewals, until];
  return Math.max(...all.slice(1).map((at, place) => at - all[place]));
}

for (const leaseMs of [1_000, 4_000, 300_000, 7 * 24 * 3_600_000]) {
  test(`a lease of ${leaseMs} ms never runs out while somebody is there, nor is asked for often`, () => {
    const { renewals, touch, pass } = hold(leaseMs);

    for (let minute = 0; minute < 30; minute += 1) {
      touch("scroll");
      pass(60_000);
    }

    // Two tries may fail.
    assert.ok(longestGap(renewals, Date.now()) <= leaseMs / 2);
    assert.ok(renewals.length <= (30 * 60_000) / Math.min(300_000, leaseMs / 3));
  });
}

test("a page that nobody touches lets go after some minutes, and renews at the first touch", () => {
  const { renewals, touch, pass } = hold(60_000);

  pass(IDLE_MS + 600_000);
  const last = renewals.at(-1);
  touch();

  assert.ok(last !== undefined && last > IDLE_MS - 60_000 && last <= IDLE_MS);
  assert.equal(renewals.at(-1), IDLE_MS + 600_000);
});

test("a page that is hidden lets go at once, and renews when it is seen and touched again", () => {
  const { renewals, state, touch, pass } = hold(60_000);

  state.isHidden = true;
  touch();
  pass(120_000);
  assert.deepEqual(renewals, []);

  state.isHidden = false;
  touch();
  assert.deepEqual(renewals, [120_000]);
});

test("whoever touches a page after minutes without a touch is back, once", () => {
  const { backs, touch, pass, isThere } = hold(3_600_000);
  pass(IDLE_MS);
  touch();
  pass(IDLE_MS + 1_000);
  assert.deepEqual([backs, isThere()], [[], false]);

  touch("keydown");
  touch("pointermove");

  assert.deepEqual([backs, isThere()], [[2 * IDLE_MS + 1_000], true]);
});

test("hiding a page, or a sign from a hidden one, is nobody who comes back", () => {
  const { backs, state, touch, pass, isThere } = hold(3_600_000);
  pass(IDLE_MS + 1_000);

  state.isHidden = true;
  touch("visibilitychange");
  pass(IDLE_MS + 1_000);
  touch("scroll");

  assert.deepEqual([backs, isThere()], [[], false]);
});

test("a film that plays is somebody who watches it", () => {
  const { renewals, touch, pass } = hold(60_000);

  for (let second = 0; second < 900; second += 1) {
    touch("timeupdate");
    pass(1_000);
  }

  assert.ok(longestGap(renewals, Date.now()) <= 30_000);
});

test("many touches at once are one renewal", () => {
  const { renewals, touch, pass } = hold(3_000);

  pass(900);
  touch();
  pass(100);
  for (let n = 0; n < 50; n += 1) touch("pointermove");

  assert.equal(renewals.length, 1);
});

test("what another tab gave back as it was closed is asked for soon while somebody is there", () => {
  const { renewals, pass, askSoon } = hold(60_000);

  pass(3_000);
  askSoon();
  pass(2_000);

  assert.deepEqual(renewals, [4_000]);
});

test("it is asked for once more, for on a slow line it is given back later", () => {
  const { renewals, pass, askSoon } = hold(60_000);

  pass(3_000);
  askSoon();
  pass(12_000);

  assert.deepEqual(renewals, [4_000, 13_000]);
});

test("a page that nobody touched for long asks for it at the first touch, once", () => {
  const { renewals, touch, pass, askSoon } = hold(60_000);
  pass(IDLE_MS + 1_000);
  renewals.length = 0;

  askSoon();
  pass(10_000);
  assert.deepEqual(renewals, []);

  touch("pointermove");
  touch();
  assert.deepEqual(renewals, [IDLE_MS + 11_000]);
});

test("a hidden page leaves it to others until it is seen again", () => {
  const { renewals, state, touch, pass, askSoon } = hold(3_600_000);
  state.isHidden = true;
  touch("visibilitychange");

  askSoon();
  pass(IDLE_MS + 600_000);
  assert.deepEqual(renewals, []);

  state.isHidden = false;
  touch("visibilitychange");
  assert.deepEqual(renewals, [IDLE_MS + 600_000]);
});

test("who comes back to a page is there, before the other tab has gone", () => {
  const { renewals, state, touch, pass, askSoon } = hold(3_600_000);
  state.isHidden = true;
  pass(IDLE_MS + 1_000);

  state.isHidden = false;
  touch("visibilitychange");
  renewals.length = 0;
  askSoon();
  pass(2_000);

  assert.deepEqual(renewals, [IDLE_MS + 2_000]);
});
