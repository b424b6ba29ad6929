// Boxes on a picture: drag one open, or tap two corners; keys and buttons do all of it as well.

import { el, spoken } from "./drawing.js";
import { addBox, boxBetween, nudge } from "./geometry.js";

/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{ x: number, y: number }} Point */

const TAP_PIXELS_MAX = 8;
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
  let zoom = 0;

  const image = el("img", { src: stage.content.image, alt: say("picture"), draggable: "false" });
  const canvas = el("div", { class: "box-canvas" }, image);
  const frame = el(
    "div",
    { class: "box-frame", tabindex: 0, role: "group", "aria-label": say("picture") },
    canvas,
  );
  const heard = el("p", { class: "hint", role: "status" });
  const editing = el("div", { class: "box-editing", role: "group", "aria-label": say("edit_box") });
  const send = el("button", { class: "answer-button main", type: "button" });

  const choose = (/** @type {number} */ i) => {
    chosen = i;
    refresh();
  };
  const put = (/** @type {Box} */ box) => {
    if (boxes.length >= BOXES_MAX) return;
    boxes.push(label === undefined ? box : { ...box, label });
    choose(boxes.length - 1);
    heard.textContent = say("boxes", { n: boxes.length });
  };
  const change = (/** @type {string} */ key, /** @type {boolean} */ isSize) => {
    if (!boxes[chosen]) return;
    boxes[chosen] = { ...boxes[chosen], ...nudge(boxes[chosen], (isSize ? SIZES : MOVES)[key]) };
    refresh();
  };
  const remove = () => {
    if (!boxes[chosen]) return;
    boxes.splice(chosen, 1);
    chosen = Math.min(chosen, boxes.length - 1);
    heard.textContent = say("boxes", { n: boxes.length });
    refresh();
    if (chosen < 0) add.focus();
  };

  const drawBox = (/** @type {Box} */ box, /** @type {number} */ i) => {
    const option = options.find(({ value }) => value === box.label);
    const name = option ? stage.read(option.label).text : "";
    const mark = el("button", {
      class: "box",
      type: "button",
      "aria-pressed": String(i === chosen),
    });
    mark.setAttribute("aria-label", `${say("box_n", { n: i + 1 })} ${name}`.trim());
    if (name) mark.append(el("span", { class: "box-name", "aria-hidden": "true" }, name));
    place(mark, box);
    mark.addEventListener("click", () => choose(i));
    mark.addEventListener("focus", () => {
      if (chosen !== i) choose(i);
    });
    return mark;
  };
  const refresh = () => {
    const hadFocus = document.activeElement?.classList.contains("box");
    for (const old of canvas.querySelectorAll(".box")) old.remove();
    const marks = boxes.map(drawBox);
    canvas.append(...marks);
    if (hadFocus) marks[chosen]?.focus({ preventScroll: true });
    editing.hidden = chosen < 0;
    send.textContent = boxes.length ? say("send_boxes", { n: boxes.length }) : say("nothing_there");
    for (const radio of labels) radio.checked = radio.value === (boxes[chosen]?.label ?? label);
    stage.note(structuredClone(boxes));
  };

  const labels = options.map(({ value }) => {
    const radio = el("input", { type: "radio", name: "box-label", value });
    radio.addEventListener("change", () => {
      label = value;
      if (boxes[chosen]) boxes[chosen].label = value;
      refresh();
    });
    return radio;
  });
  const chips = options.map((option, i) =>
    el("label", { class: "chip" }, labels[i], spoken("span", stage.read(option.label))),
  );
  const add = quietButton(say("add_box"), () => put(addBox(boxes)));
  for (const [name, key, isSize] of BUTTONS) {
    editing.append(quietButton(say(name), () => change(key, isSize)));
  }
  editing.append(quietButton(say("delete_box"), remove));
  const zoomBy = (/** @type {number} */ step) => {
    zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + step));
    canvas.style.inlineSize = `${ZOOMS[zoom] * 100}%`;
    pan.hidden = zoom === 0;
    if (zoom === 0) setPanning(false);
  };
  const setPanning = (/** @type {boolean} */ isOn) => {
    canvas.classList.toggle("panning", isOn);
    pan.setAttribute("aria-pressed", String(isOn));
  };
  const pan = quietButton(say("move_picture"), () =>
    setPanning(!canvas.classList.contains("panning")),
  );
  const tools = el(
    "div",
    { class: "box-tools" },
    add,
    quietButton(say("zoom_in"), () => zoomBy(1)),
    quietButton(say("zoom_out"), () => zoomBy(-1)),
    pan,
  );
  send.addEventListener("click", () =>
    stage.give(
      boxes.map(({ x, y, w, h, label }) =>
        label === undefined ? { x, y, w, h } : { x, y, w, h, label },
      ),
    ),
  );

  listenForDrawing(canvas, put, () => heard.replaceChildren(say("second_corner")));
  stage.place.append(el("p", { class: "hint" }, say("draw_boxes")), tools, frame, heard);
  if (chips.length)
    stage.place.append(
      el("fieldset", { class: "chips" }, el("legend", {}, say("label")), ...chips),
    );
  stage.place.append(editing, send);
  zoomBy(0);
  refresh();
  return (event) => {
    const onPicture = document.activeElement?.closest(".box-canvas");
    if (event.key in MOVES && onPicture && chosen >= 0) change(event.key, event.shiftKey);
    else if ((event.key === "Delete" || event.key === "Backspace") && onPicture) remove();
    else if (event.key === "+") zoomBy(1);
    else if (event.key === "-") zoomBy(-1);
    else return false;
    return true;
  };
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

/**
 * @param {HTMLElement} mark
 * @param {Box} box
 */
function place(mark, { x, y, w, h }) {
  mark.style.left = `${x * 100}%`;
  mark.style.top = `${y * 100}%`;
  mark.style.width = `${w * 100}%`;
  mark.style.height = `${h * 100}%`;
}

/**
 * @param {HTMLElement} canvas
 * @param {(box: Box) => void} put
 * @param {() => void} waitForSecond
 */
function listenForDrawing(canvas, put, waitForSecond) {
  const sketch = el("div", { class: "box-sketch", hidden: true });
  canvas.append(sketch);
  /** @type {(Point & { clientX: number, clientY: number }) | null} */
  let from = null;
  /** @type {Point | null} */
  let corner = null;
  const pointOf = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  };
  const isTap = (/** @type {PointerEvent} */ event) =>
    from !== null &&
    Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) <= TAP_PIXELS_MAX;
  canvas.addEventListener("pointerdown", (event) => {
    const isMark = event.target instanceof Element && event.target.closest(".box");
    if (isMark || canvas.classList.contains("panning") || event.button !== 0) return;
    from = { ...pointOf(event), clientX: event.clientX, clientY: event.clientY };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || isTap(event)) return;
    sketch.hidden = false;
    place(sketch, boxBetween(from, pointOf(event)));
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = pointOf(event);
    sketch.hidden = true;
    if (!isTap(event)) {
      corner = null;
      put(boxBetween(from, to));
    } else if (corner) {
      put(boxBetween(corner, to));
      corner = null;
    } else {
      corner = to;
      sketch.hidden = false;
      place(sketch, { ...to, w: 0, h: 0 });
      waitForSecond();
    }
    from = null;
  });
  canvas.addEventListener("pointercancel", () => {
    from = null;
    sketch.hidden = true;
  });
}
