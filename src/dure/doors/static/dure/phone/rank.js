// An order: tap the items one after the other; who likes may drag one that has its place.

import { el, spoken } from "./drawing.js";

/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {{ value: string, button: HTMLButtonElement, badge: HTMLElement }} Item */

const DRAG_PIXELS_MIN = 10;

/**
 * @param {Stage} stage
 * @returns {import("./types.js").Keys}
 */
export function draw(stage) {
  const { say } = stage;
  const items = readItems(stage).map(({ value, words }) => {
    const badge = el("span", { class: "rank-place", "aria-hidden": "true" });
    const button = el("button", { class: "answer-button rank-item", type: "button" });
    button.append(badge, spoken("span", words));
    return { value, button, badge };
  });
  const values = new Set(items.map(({ value }) => value));
  /** @type {string[]} */
  let order = Array.isArray(stage.draft) ? stage.draft.filter((value) => values.has(value)) : [];
  const list = el("ol", { class: "rank" });
  const heard = el("p", { class: "hint", role: "status" });
  const send = el("button", { class: "answer-button main", type: "button" });
  const again = el("button", { class: "quiet-button", type: "button" }, say("start_over"));

  const refresh = () => {
    // What has a place comes first, in its order, so that the list reads as the ranking.
    const placed = order.flatMap((value) => items.filter((item) => item.value === value));
    const rest = items.filter(({ value }) => !order.includes(value));
    // Moving a button loses its focus, which a keyboard would start over from.
    const focused = items.find(({ button }) => button === document.activeElement);
    list.replaceChildren(...[...placed, ...rest].map(({ button }) => el("li", {}, button)));
    for (const { value, button, badge } of items) {
      const place = order.indexOf(value) + 1;
      badge.textContent = place ? String(place) : "";
      button.setAttribute("aria-pressed", String(place > 0));
    }
    focused?.button.focus();
    send.disabled = order.length === 0;
    send.textContent =
      order.length === items.length || order.length === 0
        ? say("send")
        : say("send_first_n", { n: order.length });
    again.hidden = order.length === 0;
    stage.note(order);
  };
  const put = (/** @type {string[]} */ next, /** @type {Item} */ item) => {
    order = next;
    refresh();
    const place = order.indexOf(item.value) + 1;
    heard.textContent = place ? say("place_is", { n: place }) : say("place_taken");
  };
  for (const item of items) {
    listenForDrag(item, {
      tap: () => {
        const has = order.includes(item.value);
        put(has ? order.filter((value) => value !== item.value) : [...order, item.value], item);
      },
      drop: (y) => {
        const others = order.filter((value) => value !== item.value);
        const above = others.filter((value) => {
          const box = items.find((one) => one.value === value)?.button.getBoundingClientRect();
          return box ? box.top + box.height / 2 < y : false;
        });
        put([...others.slice(0, above.length), item.value, ...others.slice(above.length)], item);
      },
    });
  }
  again.addEventListener("click", () => {
    order = [];
    refresh();
    items[0]?.button.focus();
  });
  send.addEventListener("click", () => stage.give(order));
  stage.place.append(el("p", { class: "hint" }, say("tap_in_order")), list, heard, send, again);
  refresh();
  return (event) => {
    const item = items[Number(event.key) - 1];
    item?.button.click();
    return Boolean(item);
  };
}

/**
 * What is ranked, by the name the server knows it under: the text in the call's own language.
 * @param {Stage} stage
 */
function readItems({ question, content, own, read }) {
  if (question.options?.length) {
    return question.options.map(({ value, label }) => ({ value, words: read(label) }));
  }
  return (content.items ?? []).map((item) => {
    const texts = typeof item === "string" ? { [own]: item } : item;
    const value = texts[own] ?? texts[own.split("-")[0]] ?? texts.en ?? Object.values(texts)[0];
    return { value, words: read(item) };
  });
}

/**
 * @param {Item} item
 * @param {{ tap: () => void, drop: (y: number) => void }} does
 */
function listenForDrag({ button, badge }, { tap, drop }) {
  /** @type {number | null} */
  let from = null;
  let isDragged = false;
  button.addEventListener("click", () => {
    if (isDragged) isDragged = false;
    else tap();
  });
  // Only its number is a handle: a finger on the rest of it scrolls the page.
  badge.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    badge.setPointerCapture(event.pointerId);
  });
  badge.addEventListener("pointermove", ({ clientY }) => {
    if (from === null) return;
    button.classList.toggle("dragged", Math.abs(clientY - from) > DRAG_PIXELS_MIN);
    button.style.translate = `0 ${clientY - from}px`;
  });
  badge.addEventListener("pointerup", ({ clientY }) => {
    if (from !== null && Math.abs(clientY - from) > DRAG_PIXELS_MIN) {
      isDragged = true;
      drop(clientY);
    }
    from = null;
    button.style.translate = "";
    button.classList.remove("dragged");
  });
}
