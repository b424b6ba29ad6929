// Boxes in fractions of a picture, always inside it and never too small to be one.

/** @typedef {{ x: number, y: number, w: number, h: number, label?: string }} Box */

const SIDE_MIN = 0.01;
const STEP = 0.01;
const DECIMALS = 1e5;

/**
 * @param {{ x: number, y: number }} one
 * @param {{ x: number, y: number }} other
 * @returns {Box}
 */
export function boxBetween(one, other) {
  const [left, right] = [clamp(Math.min(one.x, other.x)), clamp(Math.max(one.x, other.x))];
  const [top, bottom] = [clamp(Math.min(one.y, other.y)), clamp(Math.max(one.y, other.y))];
  return fit({ x: left, y: top, w: right - left, h: bottom - top });
}

/**
 * A box for somebody who draws by keys, beside those that were added like this before.
 * @param {Box[]} boxes
 * @returns {Box}
 */
export function addBox(boxes) {
  const shift = (boxes.length % 5) * 0.05;
  return fit({ x: 0.35 + shift, y: 0.35 + shift, w: 0.3, h: 0.3 });
}

/**
 * @param {Box} box
 * @param {[number, number, number, number]} steps of x, y, w and h
 * @returns {Box}
 */
export function nudge(box, [x, y, w, h]) {
  return fit({
    x: box.x + x * STEP,
    y: box.y + y * STEP,
    w: box.w + w * STEP,
    h: box.h + h * STEP,
  });
}

/**
 * A box that follows a finger: as a whole, or with its lower right corner alone.
 * @param {Box} box
 * @param {{ x: number, y: number }} by
 * @param {boolean} isSize
 * @returns {Box}
 */
export function pull(box, by, isSize) {
  if (!isSize) return fit({ ...box, x: box.x + by.x, y: box.y + by.y });
  const w = Math.min(box.w + by.x, 1 - box.x);
  return fit({ ...box, w, h: Math.min(box.h + by.y, 1 - box.y) });
}

/**
 * @param {Box} box
 * @returns {Box}
 */
function fit({ x, y, w, h }) {
  const width = Math.min(1, Math.max(SIDE_MIN, w));
  const height = Math.min(1, Math.max(SIDE_MIN, h));
  return {
    x: round(Math.min(clamp(x), 1 - width)),
    y: round(Math.min(clamp(y), 1 - height)),
    w: round(width),
    h: round(height),
  };
}

/** @param {number} value */
function clamp(value) {
  return Math.min(1, Math.max(0, value));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * DECIMALS) / DECIMALS;
}
