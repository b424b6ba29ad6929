// Makes a part of a page like a fresh copy of it, in place: whatever stays is the same element.

/**
 * @param {Element} stands
 * @param {Element} fresh
 */
export function patch(stands, fresh) {
  let next = stands.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = find(next, wanted);
    if (!found) {
      stands.insertBefore(wanted, next);
      continue;
    }
    while (next && next !== found) next = drop(next);
    become(found, wanted);
    next = found.nextSibling;
  }
  while (next) next = drop(next);
}

/**
 * Parts that come and go are known by their names, everything else by its place.
 * @param {ChildNode | null} next
 * @param {ChildNode} wanted
 */
function find(next, wanted) {
  const part = partOf(wanted);
  if (part === undefined)
    return next?.nodeName === wanted.nodeName && partOf(next) === undefined ? next : null;
  let one = next;
  while (one && partOf(one) !== part) one = one.nextSibling;
  return one;
}

/** @param {Node} node */
function partOf(node) {
  return node instanceof HTMLElement ? node.dataset.part : undefined;
}

/**
 * @param {ChildNode} stands
 * @param {ChildNode} fresh
 */
function become(stands, fresh) {
  if (!(stands instanceof Element && fresh instanceof Element)) {
    if (stands.nodeValue !== fresh.nodeValue) stands.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...stands.attributes]) {
    // What somebody opened stays open.
    if (name !== "open" && !fresh.hasAttribute(name)) stands.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (stands.getAttribute(name) !== value) stands.setAttribute(name, value);
  }
  patch(stands, fresh);
}

/** @param {ChildNode} node */
function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
