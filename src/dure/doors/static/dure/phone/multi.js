// Several of some options, as chips.

import { advise, drawAdvice, el, spoken } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const options = stage.question.options ?? [];
  const low = stage.question.min ?? 0;
  const high = stage.question.max ?? options.length;
  const begun = new Set(Array.isArray(stage.draft) ? stage.draft : []);
  const boxes = options.map(({ value }) => {
    const box = el("input", { type: "checkbox", value });
    box.checked = begun.has(value);
    return box;
  });
  const chips = options.map(({ label }, i) =>
    el("label", { class: "chip" }, boxes[i], spoken("span", stage.read(label))),
  );
  const group = el(
    "fieldset",
    { class: "chips" },
    el("legend", {}, hintFor(stage, low, high)),
    ...chips,
  );
  const advice = drawAdvice("multi-advice");
  const send = el("button", { class: "answer-button main", type: "button" });
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const refresh = () => {
    const n = chosen().length;
    send.textContent = n ? stage.say("send_n", { n }) : stage.say(low ? "send" : "none_of_these");
  };
  group.addEventListener("change", () => {
    advise(advice, send, "");
    refresh();
    stage.note(chosen());
  });
  send.addEventListener("click", () => {
    const values = chosen();
    if (values.length < low || values.length > high) {
      advise(advice, boxes[0], hintFor(stage, low, high));
    } else {
      stage.give(values);
    }
  });
  refresh();
  stage.place.append(advice, group, send);
  return (event) => {
    const box = boxes[Number(event.key) - 1];
    box?.click();
    return Boolean(box);
  };
}

/**
 * @param {Stage} stage
 * @param {number} low
 * @param {number} high
 */
function hintFor({ say, question }, low, high) {
  const all = question.options?.length ?? 0;
  if (low === high) return say("choose_exactly", { n: low });
  if (low === 0 && high >= all) return say("choose_any");
  if (high >= all) return say("choose_at_least", { n: low });
  if (low === 0) return say("choose_at_most", { n: high });
  return say("choose_between", { low, high });
}
