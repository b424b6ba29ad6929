// Two cards: tap the one that is more of what is asked, or say that they are the same.

import { listenForSwipes } from "./choice.js";
import { drawSide, el } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */

/** @type {Record<string, string>} */
const VALUE_OF_KEY = { ArrowLeft: "left", ArrowRight: "right", "=": "same", 1: "left", 2: "right" };

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { content, say, read } = stage;
  const cards = /** @type {const} */ (["left", "right"]).map((side) => {
    const shown = drawSide(content[side] ?? "", say, read);
    const card = el("button", { class: "answer-button pair-card", type: "button" }, shown);
    card.addEventListener("click", () => stage.give(side));
    return card;
  });
  const same = el("button", { class: "answer-button", type: "button" }, say("same"));
  same.addEventListener("click", () => stage.give("same"));
  stage.place.append(el("div", { class: "pair-cards" }, ...cards), same);
  listenForSwipes(stage, "left", "right");
  return (event) => {
    const value = VALUE_OF_KEY[event.key];
    if (value) stage.give(value);
    return Boolean(value);
  };
}
