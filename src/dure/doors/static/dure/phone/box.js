// Boxes on a picture: drag one open, or tap two corners; drag it to move it, and its corner to
// resize it. Keys and buttons do all of it as well.

import { el, spoken } from "./drawing.js";
import { addBox, nudge, pull } from "./geometry.js";
import { listenToFinger, place } from "./pointing.js";

/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {import("./types.js").Option} Option */

const ZOOMS = [1, 1.5, 2, 3, 4];
const BOXES_MAX = 100;
/** @type {Record<string, [number, number, number, number]>} */
const MOVES = {
  ArrowLeft: [-1, 0, 0, 0],
  ArrowRight: [1, 0, 0, 0],
  ArrowUp: [0, -1, 0, 0],
  ArrowDown: [0, 1, 0, 0],
};
/** @type {Record<string, [number, number, number, number]>} */
const SIZES = {
  ArrowLeft: [0, 0, -1, 0],
  ArrowRight: [0, 0, 1, 0],
  ArrowUp: [0, 0, 0, -1],
  ArrowDown: [0, 0, 0, 1],
};
/** @type {[string, keyof typeof MOVES, boolean][]} */
const BUTTONS = [
  ["move_left", "ArrowLeft", false],
  ["move_right", "ArrowRight", false],
  ["move_up", "ArrowUp", false],
  ["move_down", "ArrowDown", false],
  ["narrower", "ArrowLeft", true],
  ["wider", "ArrowRight", true],
  ["lower", "ArrowUp", true],
  ["taller", "ArrowDown", true],
];

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { say } = stage;
  const options = stage.question.options ?? [];
  /** @type {Box[]} */
  const boxes = Array.isArray(stage.draft) ? structuredClone(stage.draft) : [];
  let chosen = -1;
  let label = options[0]?.value;

  const image = el("img", { src: stage.content.image, alt: say("picture"), draggable: "false" });
  const canvas = el("div", { class: "box-canvas" }, image);
  const frame = el(
    "div",
    { class: "box-frame", tabindex: 0, role: "group", "aria-label": say("picture") },
    canvas,
  );
  const heard = el("p", { class: "hint", role: "status" });
  const send = el("button", { class: "answer-button main", type: "button" });
  const view = drawView(canvas, say);
  const add = quietButton(say("add_box"), () => put(addBox(boxes)));
  const labels = drawLabels(stage, (value) => {
    label = value;
    if (boxes[chosen]) boxes[chosen].label = value;
    refresh();
  });
  const editing = drawEditing(say, change, remove);

  /** @param {number} i */
  function choose(i) {
    chosen = i;
    refresh();
  }

  /** @param {Box} box */
  function put(box) {
    if (boxes.length >= BOXES_MAX) return;
    boxes.push(label === undefined ? box : { ...box, label });
    choose(boxes.length - 1);
    heard.textContent = say("boxes", { n: boxes.length });
  }

  /**
   * @param {string} key
   * @param {boolean} isSize
   */
  function change(key, isSize) {
    if (!boxes[chosen]) return;
    boxes[chosen] = { ...boxes[chosen], ...nudge(boxes[chosen], (isSize ? SIZES : MOVES)[key]) };
    refresh();
  }

  function remove() {
    if (!boxes[chosen]) return;
    boxes.splice(chosen, 1);
    chosen = Math.min(chosen, boxes.length - 1);
    heard.textContent = say("boxes", { n: boxes.length });
    refresh();
    if (chosen < 0) add.focus();
  }

  /** A box that was taken hold of: gives what follows the finger from there. */
  function takeHold(/** @type {Element} */ mark) {
    const i = [...canvas.querySelectorAll(".box")].indexOf(mark);
    choose(i);
    const before = boxes[i];
    const held = /** @type {HTMLElement} */ (canvas.querySelectorAll(".box")[i]);
    return (/** @type {{ x: number, y: number }} */ by, /** @type {boolean} */ isSize) => {
      boxes[i] = { ...before, ...pull(before, by, isSize) };
      place(held, boxes[i]);
      stage.note(structuredClone(boxes));
    };
  }

  function refresh() {
    const hadFocus = document.activeElement?.classList.contains("box");
    for (const old of canvas.querySelectorAll(".box")) old.remove();
    const marks = boxes.map((box, i) => {
      const option = options.find(({ value }) => value === box.label);
      const mark = drawMark(box, {
        number: say("box_n", { n: i + 1 }),
        name: option ? stage.read(option.label).text : "",
        isChosen: i === chosen,
      });
      mark.addEventListener("click", () => choose(i));
      mark.addEventListener("focus", () => {
        if (chosen !== i) choose(i);
      });
      return mark;
    });
    canvas.append(...marks);
    if (hadFocus) marks[chosen]?.focus({ preventScroll: true });
    editing.hidden = chosen < 0;
    send.textContent = boxes.length ? say("send_boxes", { n: boxes.length }) : say("nothing_there");
    labels.show(boxes[chosen]?.label ?? label);
    stage.note(structuredClone(boxes));
  }

  send.addEventListener("click", () => stage.give(structuredClone(boxes)));
  listenToFinger(canvas, {
    put,
    takeHold,
    waitForSecond: () => heard.replaceChildren(say("second_corner")),
  });
  const tools = el("div", { class: "box-tools" }, add, ...view.buttons);
  stage.place.append(el("p", { class: "hint" }, say("draw_boxes")), tools, frame, heard);
  if (labels.fieldset) stage.place.append(labels.fieldset);
  stage.place.append(editing, send);
  refresh();
  return (event) => {
    const onPicture = document.activeElement?.closest(".box-canvas");
    if (event.key in MOVES && onPicture && chosen >= 0) change(event.key, event.shiftKey);
    else if ((event.key === "Delete" || event.key === "Backspace") && onPicture) remove();
    else if (event.key === "+") view.zoomBy(1);
    else if (event.key === "-") view.zoomBy(-1);
    else return false;
    return true;
  };
}

/**
 * @param {Box} box
 * @param {{ number: string, name: string, isChosen: boolean }} says
 */
function drawMark(box, { number, name, isChosen }) {
  const mark = el("button", { class: "box", type: "button", "aria-pressed": String(isChosen) });
  mark.setAttribute("aria-label", `${number} ${name}`.trim());
  if (name) mark.append(el("span", { class: "box-name", "aria-hidden": "true" }, name));
  if (isChosen) mark.append(el("span", { class: "box-grip", "aria-hidden": "true" }));
  place(mark, box);
  return mark;
}

/**
 * What the box that is chosen is; nothing where boxes have no labels.
 * @param {Stage} stage
 * @param {(value: string) => void} pick
 */
function drawLabels({ question, say, read }, pick) {
  /** @type {Option[]} */
  const options = question.options ?? [];
  const radios = options.map(({ value }) => {
    const radio = el("input", { type: "radio", name: "box-label", value });
    radio.addEventListener("change", () => pick(value));
    return radio;
  });
  const chips = options.map((option, i) =>
    el("label", { class: "chip" }, radios[i], spoken("span", read(option.label))),
  );
  return {
    fieldset: chips.length
      ? el("fieldset", { class: "chips" }, el("legend", {}, say("label")), ...chips)
      : null,
    show(/** @type {string | undefined} */ label) {
      for (const radio of radios) radio.checked = radio.value === label;
    },
  };
}

/**
 * @param {import("./types.js").Say} say
 * @param {(key: string, isSize: boolean) => void} change
 * @param {() => void} remove
 */
function drawEditing(say, change, remove) {
  const buttons = BUTTONS.map(([name, key, isSize]) =>
    quietButton(say(name), () => change(key, isSize)),
  );
  return el(
    "div",
    { class: "box-editing", role: "group", "aria-label": say("edit_box") },
    ...buttons,
    quietButton(say("delete_box"), remove),
  );
}

/**
 * Looking closer, and moving the picture while it is larger than its frame.
 * @param {HTMLElement} canvas
 * @param {import("./types.js").Say} say
 */
function drawView(canvas, say) {
  let zoom = 0;
  const setPanning = (/** @type {boolean} */ isOn) => {
    canvas.classList.toggle("panning", isOn);
    pan.setAttribute("aria-pressed", String(isOn));
  };
  const pan = quietButton(say("move_picture"), () =>
    setPanning(!canvas.classList.contains("panning")),
  );
  const zoomBy = (/** @type {number} */ step) => {
    zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + step));
    canvas.style.inlineSize = `${ZOOMS[zoom] * 100}%`;
    pan.hidden = zoom === 0;
    if (zoom === 0) setPanning(false);
  };
  const closer = quietButton(say("zoom_in"), () => zoomBy(1));
  const farther = quietButton(say("zoom_out"), () => zoomBy(-1));
  zoomBy(0);
  return { zoomBy, buttons: [closer, farther, pan] };
}

/**
 * @param {string} text
 * @param {() => void} does
 */
function quietButton(text, does) {
  const button = el("button", { class: "quiet-button", type: "button" }, text);
  button.addEventListener("click", does);
  return button;
}
