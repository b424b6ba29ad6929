// A finger or a mouse on the picture: draws boxes, takes hold of one to move it, of its corner to
// resize it.

import { el } from "./drawing.js";
import { boxBetween } from "./geometry.js";

/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{ x: number, y: number }} Point in fractions of the picture */
/** @typedef {(by: Point, isSize: boolean) => void} Follow */

const TAP_PIXELS_MAX = 8;

/**
 * @param {HTMLElement} canvas
 * @param {object} does
 * @param {(box: Box) => void} does.put a new box
 * @param {(mark: Element) => Follow} does.takeHold
 * @param {() => void} does.waitForSecond the first of two corners was tapped
 */
export function listenToFinger(canvas, { put, takeHold, waitForSecond }) {
  const sketch = el("div", { class: "box-sketch", hidden: true });
  canvas.append(sketch);
  /** @type {(Point & { clientX: number, clientY: number }) | null} */
  let from = null;
  /** @type {{ follow: Follow, isSize: boolean } | null} */
  let held = null;
  /** @type {Point | null} */
  let corner = null;

  const pointOf = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  };
  const isTap = (/** @type {PointerEvent} */ event) =>
    from !== null &&
    Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) <= TAP_PIXELS_MAX;
  const drop = () => {
    from = held = null;
    sketch.hidden = true;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (canvas.classList.contains("panning") || event.button !== 0) return;
    const target = /** @type {Element} */ (event.target);
    const mark = target.closest(".box");
    // Between two corners a tap is the second one, wherever it lands.
    if (mark && !corner) {
      held = { isSize: target.closest(".box-grip") !== null, follow: takeHold(mark) };
    }
    from = { ...pointOf(event), clientX: event.clientX, clientY: event.clientY };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || isTap(event)) return;
    const to = pointOf(event);
    if (held) {
      held.follow({ x: to.x - from.x, y: to.y - from.y }, held.isSize);
      return;
    }
    sketch.hidden = false;
    place(sketch, boxBetween(from, to));
  });
  canvas.addEventListener("pointerup", (event) => {
    const to = pointOf(event);
    const start = held ? null : from;
    const wasTap = isTap(event);
    drop();
    if (!start) return;
    if (!wasTap) {
      corner = null;
      put(boxBetween(start, to));
    } else if (corner) {
      put(boxBetween(corner, to));
      corner = null;
    } else {
      corner = to;
      sketch.hidden = false;
      place(sketch, { ...to, w: 0, h: 0 });
      waitForSecond();
    }
  });
  canvas.addEventListener("pointercancel", drop);
}

/**
 * @param {HTMLElement} mark
 * @param {Box} box
 */
export function place(mark, { x, y, w, h }) {
  mark.style.left = `${x * 100}%`;
  mark.style.top = `${y * 100}%`;
  mark.style.width = `${w * 100}%`;
  mark.style.height = `${h * 100}%`;
}
