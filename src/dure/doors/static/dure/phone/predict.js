// The second step of a question that predicts: what will the others say?

import { advise, drawAdvice, el } from "./drawing.js";
import { readNumber } from "./number.js";

/** @typedef {import("./types.js").Stage} Stage */

/**
 * @param {Stage} stage
 * @param {unknown} value what the person said themselves
 * @param {(prediction: unknown) => void} give
 * @returns {string} the question, for its heading
 */
export function drawPrediction(stage, value, give) {
  return stage.question.type === "number"
    ? drawMean(stage, give)
    : drawShare(stage, String(value), give);
}

/**
 * @param {Stage} stage
 * @param {string} value
 * @param {(prediction: unknown) => void} give
 */
function drawShare({ question, place, say, read }, value, give) {
  const options = question.options ?? [];
  const label = options.find((option) => option.value === value)?.label ?? value;
  const asked = say("how_many_of_100", { answer: read(label).text });
  const slider = el("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": asked });
  slider.value = "50";
  const exact = el("input", {
    inputmode: "numeric",
    class: "exact",
    "aria-label": asked,
    "data-share": true,
  });
  exact.value = "50";
  const advice = drawAdvice("share-advice");
  const send = el("button", { class: "answer-button main", type: "submit" }, say("send"));
  const form = el(
    "form",
    { class: "prediction", novalidate: true },
    el(
      "div",
      { class: "slider" },
      slider,
      el("span", { class: "ends" }, el("span", {}, "0"), exact, el("span", {}, "100")),
    ),
    advice,
    send,
  );
  slider.addEventListener("input", () => {
    exact.value = slider.value;
  });
  exact.addEventListener("input", () => {
    slider.value = exact.value;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const share = readNumber(exact.value);
    if (share === null || share < 0 || share > 100) {
      advise(advice, exact, say("number_between", { low: 0, high: 100 }));
      return;
    }
    const other = options.length === 2 ? options.find((option) => option.value !== value) : null;
    give(
      other ? { [value]: share / 100, [other.value]: 1 - share / 100 } : { [value]: share / 100 },
    );
  });
  place.append(form);
  return asked;
}

/**
 * @param {Stage} stage
 * @param {(prediction: unknown) => void} give
 */
function drawMean({ place, say }, give) {
  const asked = say("others_mean");
  const input = el("input", {
    inputmode: "decimal",
    autocomplete: "off",
    "aria-label": asked,
    "data-share": true,
  });
  const advice = drawAdvice("mean-advice");
  const send = el("button", { class: "answer-button main", type: "submit" }, say("send"));
  const form = el("form", { class: "prediction", novalidate: true }, advice, input, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const mean = readNumber(input.value);
    if (mean === null) advise(advice, input, say("number_example"));
    else give(mean);
  });
  place.append(form);
  return asked;
}
