// Drawing: elements without markup in strings, texts in the reader's language, what a task shows.

/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").Side} Side */
/** @typedef {import("./types.js").Text} Text */
/** @typedef {import("./types.js").Words} Words */
/** @typedef {import("./types.js").Dictionary} Dictionary */
/** @typedef {import("./types.js").Say} Say */

const INPUTS = ["INPUT", "TEXTAREA", "SELECT"];

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 *   true is an attribute without a value; false, null and undefined leave it out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * An element whose words say which language they are in.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Words} words
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 */
export function spoken(tag, words, attributes = {}) {
  return el(tag, { lang: words.language, ...attributes }, words.text);
}

/**
 * The text in a language; else in the call's own; else in English; else the first there is.
 * @param {Text | null | undefined} text
 * @param {string} language
 * @param {string} own the language of a text that does not say
 * @returns {Words}
 */
export function pickWords(text, language, own) {
  if (text === null || text === undefined || typeof text === "string") {
    return { text: text ?? "", language: own };
  }
  for (const wanted of [language, language.split("-")[0], own, "en"]) {
    if (wanted in text) return { text: text[wanted], language: wanted };
  }
  const [first] = Object.keys(text);
  return { text: text[first] ?? "", language: first ?? own };
}

/**
 * Our own words, with what is put in: `%(n)s` takes values.n, and n chooses between one and more.
 * @param {Dictionary} dictionary
 * @returns {Say}
 */
export function speak(dictionary) {
  return (name, values = {}) => {
    const found = dictionary[name] ?? name;
    const text = typeof found === "string" ? found : found[values.n === 1 ? 0 : 1];
    return text.replace(/%\((\w+)\)[sd]/g, (_, key) => String(values[key] ?? ""));
  };
}

/**
 * Everything a task shows, in the order it is read; sides and items only where nothing else
 * shows them.
 * @param {Content} content
 * @param {object} options
 * @param {Say} options.say
 * @param {(text: Text) => Words} options.read
 * @param {boolean} options.withParts whether sides and items are drawn here
 * @param {boolean} options.withImage
 * @returns {HTMLElement | null}
 */
export function drawContent(content, { say, read, withParts, withImage }) {
  const pieces = [];
  if (content.text) pieces.push(spoken("p", read(content.text), { class: "content-text" }));
  if (content.image && withImage) pieces.push(drawZoomable(content.image, say));
  if (content.audio) {
    const label = say("recording");
    pieces.push(
      el("audio", {
        class: "content-sound",
        controls: true,
        src: content.audio,
        "aria-label": label,
      }),
    );
  }
  if (content.video) {
    const options = { class: "content-image", controls: true, playsinline: true };
    pieces.push(el("video", { ...options, src: content.video, "aria-label": say("video") }));
  }
  if (withParts) {
    for (const side of [content.left, content.right])
      if (side) pieces.push(drawSide(side, say, read));
    for (const item of content.items ?? []) {
      pieces.push(spoken("p", read(item), { class: "content-text" }));
    }
  }
  return pieces.length ? el("div", { class: "content" }, ...pieces) : null;
}

/**
 * @param {Side} side
 * @param {Say} say
 * @param {(text: Text) => Words} read
 * @returns {HTMLElement}
 */
export function drawSide(side, say, read) {
  if (isPicture(side)) {
    return el("img", { class: "content-image", src: side.image, alt: say("picture") });
  }
  return spoken("span", read(side), { class: "content-text" });
}

/**
 * @param {Side} side
 * @returns {side is { image: string }}
 */
export function isPicture(side) {
  return typeof side === "object" && "image" in side;
}

/**
 * A picture that a tap shows as large as it is; two fingers zoom there as anywhere.
 * @param {string} address
 * @param {Say} say
 */
export function drawZoomable(address, say) {
  const image = el("img", { class: "content-image", src: address, alt: say("picture") });
  const button = el("button", { class: "zoom-button", type: "button" }, image);
  button.setAttribute("aria-label", say("enlarge"));
  button.addEventListener("click", () => {
    const close = el("button", { class: "answer-button main", type: "button" }, say("close"));
    const large = el("img", { class: "zoomed", src: address, alt: say("picture") });
    const pane = el("div", { class: "zoom-pane", tabindex: 0, role: "group" }, large);
    pane.setAttribute("aria-label", say("picture"));
    const dialog = el("dialog", { class: "zoom", "aria-label": say("picture") }, pane, close);
    dialog.addEventListener("close", () => dialog.remove());
    close.addEventListener("click", () => dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  });
  return button;
}

/**
 * A sentence beside a field that says what is missing; empty and hidden while all is well.
 * @param {string} id
 */
export function drawAdvice(id) {
  return el("p", { class: "advice", id, role: "alert", hidden: true });
}

/**
 * @param {HTMLElement} advice
 * @param {HTMLElement} field
 * @param {string} sentence empty if all is well
 */
export function advise(advice, field, sentence) {
  advice.textContent = sentence;
  advice.hidden = !sentence;
  if (sentence) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", advice.id);
    field.focus();
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/**
 * Instead of a task, while the next one is on its way.
 * @param {Say} say
 */
export function drawFetching(say) {
  const heading = el("h1", { tabindex: -1 }, say("fetching"));
  return el("section", { class: "over fetching" }, heading, el("p", {}, say("fetching_more")));
}

/**
 * Instead of a task, while others hold the last ones.
 * @param {Say} say
 */
export function drawHeld(say) {
  const again = el("a", { class: "link-button again", href: location.pathname }, say("look_again"));
  return el(
    "section",
    { class: "over held" },
    el("h1", { tabindex: -1 }, say("held")),
    el("p", {}, say("held_more")),
    el("p", {}, again),
  );
}

/**
 * A part that the server drew in each language.
 * @param {HTMLElement} root
 * @param {string} name
 * @param {string} language
 */
export function clonePart(root, name, language) {
  const template = /** @type {HTMLTemplateElement} */ (
    root.querySelector(`template[data-part="${name}"][data-language="${language}"]`)
  );
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  return /** @type {HTMLElement} */ (copy.firstElementChild);
}

/** @param {KeyboardEvent} event */
export function isTyping({ target }) {
  return (
    target instanceof HTMLElement &&
    INPUTS.includes(target.tagName) &&
    target.getAttribute("type") !== "checkbox"
  );
}
