// A number: typed on the numeric keypad, or found with a slider and set exactly.

import { advise, drawAdvice, el, spoken } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {import("./types.js").Question} Question */

// As people write it: thousands with commas, decimals with a point.
const NUMBER_FORM = /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?$/;
const STEP_TOLERANCE = 1e-6;
const SLIDER_STEPS = 200;

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { question, say } = stage;
  const unit = question.unit ? stage.read(question.unit) : null;
  const input = el("input", {
    // The numeric keypad of an iPhone has no minus.
    inputmode: (question.min ?? -1) < 0 ? "text" : "decimal",
    autocomplete: "off",
    enterkeyhint: "send",
    "data-number": true,
  });
  const name = el("span", { class: "field-name" }, say("your_number"));
  if (unit?.text) name.append(" (", spoken("span", unit), ")");
  const field = el("label", { class: "field" }, name, input);
  const advice = drawAdvice("number-advice");
  const send = el("button", { class: "answer-button main", type: "submit" }, say("send"));
  const form = el("form", { class: "number", novalidate: true }, advice, field);
  const slider = drawSlider(question, say);
  if (slider) form.append(slider.field);
  form.append(send);
  input.value = typeof stage.draft === "string" ? stage.draft : "";
  if (slider && input.value) slider.input.value = input.value;

  input.addEventListener("input", () => {
    advise(advice, input, "");
    const typed = readNumber(input.value);
    if (slider && typed !== null) slider.input.value = String(typed);
    stage.note(input.value);
  });
  slider?.input.addEventListener("input", () => {
    input.value = slider.input.value;
    stage.note(input.value);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const number = readNumber(input.value);
    const complaint = number === null ? say("number_example") : complain(question, number, say);
    if (complaint || number === null) advise(advice, input, complaint);
    else stage.give(number);
  });
  stage.place.append(form);
  return () => false;
}

/**
 * @param {string} typed
 * @returns {number | null}
 */
export function readNumber(typed) {
  const text = typed.trim().replaceAll(" ", "").replaceAll("−", "-");
  if (!/\d/.test(text) || !NUMBER_FORM.test(text)) return null;
  const number = Number(text.replaceAll(",", ""));
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}

/**
 * @param {Question} question
 * @param {number} number
 * @param {import("./types.js").Say} say
 * @returns {string} empty if the number will do
 */
function complain({ min, max, step }, number, say) {
  const low = min ?? Number.NEGATIVE_INFINITY;
  const high = max ?? Number.POSITIVE_INFINITY;
  if (number < low || number > high) {
    if (Number.isFinite(low) && Number.isFinite(high)) return say("number_between", { low, high });
    return Number.isFinite(low) ? say("number_at_least", { low }) : say("number_at_most", { high });
  }
  if (step) {
    const steps = (number - (min ?? 0)) / step;
    if (Math.abs(steps - Math.round(steps)) > STEP_TOLERANCE) return say("number_steps", { step });
  }
  return "";
}

/**
 * @param {Question} question
 * @param {import("./types.js").Say} say
 */
function drawSlider({ min, max, step }, say) {
  if (typeof min !== "number" || typeof max !== "number") return null;
  const whole = Number.isInteger(min) && Number.isInteger(max) && max - min >= 10;
  const stepSize =
    step ??
    (whole ? Math.max(1, Math.round((max - min) / SLIDER_STEPS)) : (max - min) / SLIDER_STEPS);
  const input = el("input", {
    type: "range",
    min,
    max,
    step: stepSize,
    "aria-label": say("slider"),
  });
  input.value = String((min + max) / 2);
  const ends = el(
    "span",
    { class: "ends" },
    el("span", {}, String(min)),
    el("span", {}, String(max)),
  );
  return { input, field: el("div", { class: "slider" }, input, ends) };
}
