// A ruling's boxes are drawn on their picture, by the phone's own code. The text field stays what
// is sent, and stays in sight where this can't run or can't read what stands in it.

import { drawBoxes } from "../phone/box.js";
import { el, isTyping, pickWords, speak } from "../phone/drawing.js";

/** @typedef {import("../phone/geometry.js").Box} Box */

const NONE = "[]";

/**
 * The boxes that a text says; null if it says something else.
 * @param {string} text
 * @returns {Box[] | null}
 */
function readBoxes(text) {
  if (!text.trim()) return [];
  try {
    const boxes = JSON.parse(text);
    return Array.isArray(boxes) && boxes.every(isBox) ? boxes : null;
  } catch {
    return null;
  }
}

/** @param {unknown} one */
function isBox(one) {
  const { x, y, w, h } = /** @type {Record<string, unknown>} */ (one ?? {});
  return [x, y, w, h].every((side) => typeof side === "number");
}

/** @param {Box[]} boxes one on each line, as the server writes them */
function writeBoxes(boxes) {
  return `[${boxes.map((box) => JSON.stringify(box)).join(",\n")}]`;
}

/**
 * @param {HTMLElement} ruling
 * @param {HTMLTextAreaElement} area
 * @param {Box[]} begun
 */
function draw(ruling, area, begun) {
  const { words, language, own, ...task } = JSON.parse(ruling.dataset.drawing ?? "");
  const say = speak(words);
  // Nothing drawn may as well be not drawn yet: that there is nothing is said.
  const none = el("input", { type: "checkbox", checked: area.value.trim() === NONE });
  /** @type {Box[]} */
  let drawn = begun;
  const write = () => {
    none.disabled = drawn.length > 0;
    if (drawn.length) none.checked = false;
    area.value = drawn.length || none.checked ? writeBoxes(drawn) : "";
  };
  none.addEventListener("change", write);
  const place = el("div", { role: "group", "aria-labelledby": "ruling-name" });
  const keys = drawBoxes({
    ...task,
    place,
    own,
    say,
    read: (text) => pickWords(text, language, own),
    draft: begun,
    note: (boxes) => {
      drawn = boxes;
      write();
    },
  });
  place.addEventListener("keydown", (event) => {
    const isOurs = !(isTyping(event) || event.ctrlKey || event.metaKey || event.altKey);
    if (isOurs && keys(event)) event.preventDefault();
  });
  place.append(el("label", { class: "check" }, none, el("span", {}, say("nothing_there"))));
  return place;
}

for (const ruling of document.querySelectorAll(".ruling-boxes")) {
  const area = ruling.querySelector("textarea");
  const name = ruling.querySelector("label");
  const begun = area && readBoxes(area.value);
  if (!(ruling instanceof HTMLElement) || !name || !area || !begun) continue;
  const heading = el("p", { class: "field-name", id: "ruling-name" }, name.textContent);
  const place = draw(ruling, area, begun);
  // The server says what is missing: of a field out of sight a browser can't.
  area.required = false;
  for (const child of ruling.children) if (child instanceof HTMLElement) child.hidden = true;
  ruling.append(heading, place);
}
