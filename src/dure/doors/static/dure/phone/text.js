// Words: a line or a few, typed or spoken to the keyboard.

import { advise, drawAdvice, el } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */

const SHORT_LETTERS_MAX = 60;

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { say, question } = stage;
  const low = question.min ?? 1;
  const high = question.max ?? 5000;
  const isShort = high <= SHORT_LETTERS_MAX;
  const common = { autocapitalize: "sentences", autocomplete: "off", lang: stage.own };
  const input = isShort
    ? el("input", { ...common, type: "text", enterkeyhint: "send" })
    : el("textarea", { ...common, rows: 4 });
  input.value = typeof stage.draft === "string" ? stage.draft : "";
  const count = el("span", { class: "hint" });
  const name = el("span", { class: "field-name" }, say("your_words"));
  const field = el("label", { class: "field" }, name, input);
  const advice = drawAdvice("text-advice");
  const send = el("button", { class: "answer-button main", type: "submit" }, say("send"));
  const form = el("form", { class: "words", novalidate: true }, advice, field, count, send);
  const refresh = () => {
    const n = lettersOf(input.value);
    count.textContent = n > high / 2 ? say("letters", { n, most: high }) : "";
  };

  input.addEventListener("input", () => {
    advise(advice, input, "");
    refresh();
    stage.note(input.value);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const letters = lettersOf(input.value);
    if (letters < low || letters > high) advise(advice, input, say("words_between", { low, high }));
    else stage.give(input.value.trim());
  });
  refresh();
  stage.place.append(form);
  return () => false;
}

/**
 * Letters as the server counts them: an emoji of one code point is one.
 * @param {string} text
 */
function lettersOf(text) {
  return [...text.trim()].length;
}
