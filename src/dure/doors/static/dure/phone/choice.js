// One of some options: up to five are big buttons, more are a list that can be searched.

import { el, spoken } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */

const BUTTONS_MAX = 5;
const LISTED_MAX = 40;
const SWIPE_PIXELS_MIN = 80;

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const options = stage.question.options ?? [];
  if (options.length <= BUTTONS_MAX) {
    stage.place.append(...options.map((option) => drawButton(stage, option)));
    if (options.length === 2) listenForSwipes(stage, options[0].value, options[1].value);
  } else {
    drawList(stage, options);
  }
  return (event) => {
    const option = options[Number(event.key) - 1];
    if (!option || options.length > BUTTONS_MAX) return false;
    stage.give(option.value);
    return true;
  };
}

/**
 * A swipe over the task is a second way to what the buttons do, never the only one.
 * @param {Stage} stage
 * @param {unknown} left
 * @param {unknown} right
 */
export function listenForSwipes(stage, left, right) {
  const surface = stage.place.closest(".task")?.querySelector(".content");
  if (!(surface instanceof HTMLElement)) return;
  /** @type {{ x: number, y: number } | null} */
  let from = null;
  surface.classList.add("swipes");
  surface.addEventListener("pointerdown", ({ pointerType, clientX, clientY }) => {
    from = pointerType === "mouse" ? null : { x: clientX, y: clientY };
  });
  surface.addEventListener("pointerup", ({ clientX, clientY }) => {
    if (!from) return;
    const across = clientX - from.x;
    const isSwipe = Math.abs(across) > Math.max(SWIPE_PIXELS_MIN, 2 * Math.abs(clientY - from.y));
    from = null;
    if (isSwipe) stage.give(across < 0 ? left : right);
  });
  surface.addEventListener("pointercancel", () => {
    from = null;
  });
}

/**
 * @param {Stage} stage
 * @param {import("./types.js").Option} option
 */
function drawButton(stage, option) {
  const attributes = { class: "answer-button", type: "button", "data-value": option.value };
  const button = spoken("button", stage.read(option.label), attributes);
  button.addEventListener("click", () => stage.give(option.value));
  return button;
}

/**
 * @param {Stage} stage
 * @param {import("./types.js").Option[]} options
 */
function drawList(stage, options) {
  const search = el("input", { type: "search", autocomplete: "off", enterkeyhint: "search" });
  const field = el(
    "label",
    { class: "field" },
    el("span", { class: "field-name" }, stage.say("find_answer")),
    search,
  );
  const list = el("ul", { class: "options" });
  const found = el("p", { class: "hint", role: "status" });
  const show = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    const matching = options.filter(({ value, label }) =>
      `${stage.read(label).text} ${value}`.toLocaleLowerCase().includes(wanted),
    );
    list.replaceChildren(
      ...matching.slice(0, LISTED_MAX).map((option) => el("li", {}, drawButton(stage, option))),
    );
    const hidden = matching.length - LISTED_MAX;
    if (hidden > 0) found.textContent = stage.say("more_answers", { n: hidden });
    else found.textContent = matching.length ? "" : stage.say("none_found");
    stage.note(search.value);
  };
  search.value = typeof stage.draft === "string" ? stage.draft : "";
  search.addEventListener("input", show);
  show();
  stage.place.append(field, list, found);
}
