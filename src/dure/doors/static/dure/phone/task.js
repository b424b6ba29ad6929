// One task on the screen: the question, what it is about, the answers, and "not sure".

import { drawContent, el, spoken } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {import("./types.js").Task} Task */

// These draw the parts of a task themselves, as cards or in a list.
const DRAWS_PARTS = ["pair", "rank"];

/**
 * @param {Stage["question"]} question
 * @param {Task} task
 * @param {Pick<Stage, "say" | "read">} words
 */
export function drawTask(question, task, { say, read }) {
  const heading = spoken("h1", read(question.text), { class: "question", tabindex: -1 });
  const withParts = !DRAWS_PARTS.includes(question.type);
  const withImage = question.type !== "box";
  const content = drawContent(task.content, { say, read, withParts, withImage });
  return el("article", { class: "task" }, heading, content, el("div", { class: "answer" }));
}

/**
 * The answers of a task that was drawn; gives what its keys do.
 * @param {HTMLElement} article
 * @param {Omit<Stage, "place">} stage
 * @param {(stage: Stage) => import("./types.js").Keys} draw
 * @param {() => void} pass what "not sure" does
 */
export function fillTask(article, stage, draw, pass) {
  const place = /** @type {HTMLElement} */ (article.querySelector(".answer"));
  const keys = draw({ ...stage, place });
  const unsure = el(
    "button",
    { class: "answer-button unsure", type: "button" },
    stage.say("not_sure"),
  );
  unsure.addEventListener("click", pass);
  place.append(unsure);
  return keys;
}
