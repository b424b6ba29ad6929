// A call before it opens: the same drawing as on a phone, and nothing leaves the page.

import { pickWords, speak } from "./drawing.js";
import { drawTask, fillTask } from "./task.js";

/** @typedef {import("./types.js").Task} Task */

const root = /** @type {HTMLElement} */ (document.querySelector(".phone"));
const page = JSON.parse(root.dataset.page ?? "null");
const { call } = page;
const say = speak(page.words[page.language]);
/** @type {Task[]} */
const tasks = page.tasks;
let place = 0;
/** @type {(event: KeyboardEvent) => boolean} */
let keys = () => false;

/** @param {import("./types.js").Text} text */
function read(text) {
  return pickWords(text, page.language, call.language);
}

/** @param {typeof import("./choice.js").draw} draw */
function show(draw) {
  const task = tasks[place % tasks.length];
  const article = drawTask(call.question, task, { say, read });
  const next = () => {
    place += 1;
    show(draw);
  };
  const stage = {
    question: call.question,
    content: task.content,
    own: call.language,
    say,
    read,
    draft: undefined,
    note: () => {},
    give: next,
  };
  keys = fillTask(article, stage, draw, next);
  article.addEventListener("keydown", (event) => keys(event) && event.preventDefault());
  const old = root.querySelector(".task");
  if (old) old.replaceWith(article);
  else root.querySelector(".status")?.after(article);
  if (old) /** @type {HTMLElement} */ (article.querySelector(".question")).focus();
}

async function start() {
  if (!tasks.length) return;
  const type = await import(`./${call.question.type}.js`);
  show(type.draw);
  root.dataset.ready = "true";
}

start();
