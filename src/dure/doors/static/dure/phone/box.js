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
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = Object.keys(STEPS);
// What moves a box and what resizes it, each in the order of the keys.
const MOVES = ["move_left", "move_right", "move_up", "move_down"];
const SIZES = ["narrower", "wider", "lower", "taller"];

// Whoever works by buttons wants them at the next picture as well.
let isFine = false;

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { say } = stage;
  const send = el("button", { class: "answer-button main", type: "button" });
  const note = (/** @type {Box[]} */ boxes) => {
    const n = boxes.length;
    send.textContent = n ? say("send_boxes", { n }) : say("nothing_there");
    send.onclick = () => stage.give(boxes);
    stage.note(boxes);
  };
  const keys = drawBoxes({ ...stage, note });
  stage.place.append(send);
  return keys;
}

/**
 * The picture and all that changes its boxes, of which `note` is told.
 * @param {Omit<Stage, "give" | "note"> & { note: (boxes: Box[]) => void }} stage
 * @returns {import("./types.js").Keys}
 */
export function drawBoxes(stage) {
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
  const heard = el("p", { class: "hint box-hint", role: "status" }, say("draw_boxes"));
  const view = drawView(frame, canvas, say);
  const add = quietButton(say("add_box"), () => put(addBox(boxes)));
  const erase = quietButton(say("delete_box"), remove);
  const labels = drawLabels(stage, (value) => {
    label = value;
    if (boxes[chosen]) boxes[chosen].label = value;
    refresh();
  });
  const editing = drawEditing(say, change);

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
    const [x, y] = STEPS[key];
    const steps = nudge(boxes[chosen], isSize ? [0, 0, x, y] : [x, y, 0, 0]);
    boxes[chosen] = { ...boxes[chosen], ...steps };
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
    // They keep their places: choosing a box moves nothing that a thumb is about to tap.
    erase.disabled = editing.buttons.disabled = chosen < 0;
    labels.show(boxes[chosen]?.label ?? label);
    stage.note(structuredClone(boxes));
  }

  image.addEventListener("load", () => {
    frame.style.setProperty("--ratio", `${image.naturalWidth / image.naturalHeight}`);
  });
  listenToFinger(canvas, {
    put,
    takeHold,
    waitForSecond: () => heard.replaceChildren(say("second_corner")),
  });
  const tools = el(
    "div",
    { class: "box-tools" },
    add,
    ...view.zooms,
    editing.toggle,
    erase,
    view.pan,
  );
  stage.place.classList.add("box-place");
  stage.place.append(heard, tools, frame, editing.buttons);
  if (labels.fieldset) stage.place.append(labels.fieldset);
  refresh();
  return (event) => {
    const onPicture = document.activeElement?.closest(".box-canvas");
    if (event.key in STEPS && onPicture && chosen >= 0) change(event.key, event.shiftKey);
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
 * @param {Pick<Stage, "question" | "say" | "read">} stage
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
      ? el(
          "fieldset",
          { class: "chips box-labels" },
          el("legend", { class: "heard" }, say("label")),
          ...chips,
        )
      : null,
    show(/** @type {string | undefined} */ label) {
      for (const radio of radios) radio.checked = radio.value === label;
    },
  };
}

/**
 * What a finger does by dragging, a little at a time; folded away until it is wanted.
 * @param {import("./types.js").Say} say
 * @param {(key: string, isSize: boolean) => void} change
 */
function drawEditing(say, change) {
  const steps = [...MOVES, ...SIZES].map((name, i) =>
    quietButton(say(name), () => change(KEYS[i % 4], i > 3)),
  );
  const buttons = el("fieldset", { class: "box-editing", "aria-label": say("edit_box") }, ...steps);
  const toggle = quietButton(say("adjust"), () => open(!isFine));
  const open = (/** @type {boolean} */ isOpen) => {
    isFine = isOpen;
    buttons.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  open(isFine);
  return { buttons, toggle };
}

/**
 * Looking closer, and moving the picture while it is larger than its frame.
 * @param {HTMLElement} frame
 * @param {HTMLElement} canvas
 * @param {import("./types.js").Say} say
 */
function drawView(frame, canvas, say) {
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
    frame.style.setProperty("--zoom", `${ZOOMS[zoom]}`);
    pan.hidden = zoom === 0;
    if (zoom === 0) setPanning(false);
  };
  const closer = quietButton("+", () => zoomBy(1), say("zoom_in"));
  const farther = quietButton("−", () => zoomBy(-1), say("zoom_out"));
  zoomBy(0);
  return { zoomBy, pan, zooms: [farther, closer] };
}

/**
 * @param {string} text
 * @param {() => void} does
 * @param {string} [name] where the text is but a sign
 */
function quietButton(text, does, name) {
  const marks = { class: "quiet-button", type: "button", "aria-label": name, title: name };
  const button = el("button", marks, text);
  button.addEventListener("click", does);
  return button;
}
