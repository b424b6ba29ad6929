// Words, numbers and boxes: what can be told without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pickWords, speak } from "../../src/dure/doors/static/dure/phone/drawing.js";
import {
  addBox,
  boxBetween,
  nudge,
  pull,
} from "../../src/dure/doors/static/dure/phone/geometry.js";
import { readNumber } from "../../src/dure/doors/static/dure/phone/number.js";

test("a text is shown in the reader's language, else the call's, else English, else the first", () => {
  const text = { ko: "새", en: "bird" };

  assert.deepEqual(pickWords(text, "ko", "en"), { text: "새", language: "ko" });
  assert.deepEqual(pickWords(text, "fr", "ko"), { text: "새", language: "ko" });
  assert.deepEqual(pickWords(text, "fr", "de"), { text: "bird", language: "en" });
  assert.deepEqual(pickWords({ de: "Vogel" }, "fr", "ko"), { text: "Vogel", language: "de" });
  assert.deepEqual(pickWords("bird", "ko", "en"), { text: "bird", language: "en" });
  assert.deepEqual(pickWords(undefined, "ko", "en"), { text: "", language: "en" });
});

test("what counts has a form for one and a form for more", () => {
  const say = speak({ answers: ["%(n)s answer", "%(n)s answers"], hello: "Hello %(who)s" });

  assert.equal(say("answers", { n: 1 }), "1 answer");
  assert.equal(say("answers", { n: 0 }), "0 answers");
  assert.equal(say("hello", { who: "두레" }), "Hello 두레");
});

test("numbers are read as people write them, and nothing else is a number", () => {
  const read = ["12", " 3.5 ", "1,200", "1 200", "-4", "−4", ".5", "+7"].map(readNumber);
  const not = ["", "-", "many", "1,2", "12,34,567", "1e5", "0x10", "3.", "99999999999999999999"];

  assert.deepEqual(read, [12, 3.5, 1200, 1200, -4, -4, 0.5, 7]);
  assert.deepEqual(
    not.map(readNumber),
    not.map(() => null),
  );
});

test("a box is the same from whichever corner it is drawn, and stays inside", () => {
  const box = { x: 0.2, y: 0.3, w: 0.4, h: 0.5 };

  assert.deepEqual(boxBetween({ x: 0.2, y: 0.3 }, { x: 0.6, y: 0.8 }), box);
  assert.deepEqual(boxBetween({ x: 0.6, y: 0.8 }, { x: 0.2, y: 0.3 }), box);
  assert.deepEqual(boxBetween({ x: -1, y: 0.5 }, { x: 2, y: 0.5 }), {
    x: 0,
    y: 0.5,
    w: 1,
    h: 0.01,
  });
});

test("no number of nudges moves a box out of the picture or makes it nothing", () => {
  let box = addBox([]);
  for (let n = 0; n < 300; n += 1) box = nudge(box, [1, 1, -1, 0]);

  assert.deepEqual(box, { x: 0.99, y: 0.7, w: 0.01, h: 0.3 });
  for (let n = 0; n < 300; n += 1) box = nudge(box, [-1, -1, 1, 1]);
  assert.deepEqual(box, { x: 0, y: 0, w: 1, h: 1 });
});

test("a box follows the finger and stops at the picture's sides", () => {
  const box = { x: 0.2, y: 0.2, w: 0.3, h: 0.4 };

  assert.deepEqual(pull(box, { x: 0.1, y: -0.1 }, false), { x: 0.3, y: 0.1, w: 0.3, h: 0.4 });
  assert.deepEqual(pull(box, { x: 9, y: 9 }, false), { x: 0.7, y: 0.6, w: 0.3, h: 0.4 });
  assert.deepEqual(pull(box, { x: 0.1, y: 0.1 }, true), { x: 0.2, y: 0.2, w: 0.4, h: 0.5 });
  assert.deepEqual(pull(box, { x: 9, y: -9 }, true), { x: 0.2, y: 0.2, w: 0.8, h: 0.01 });
});
