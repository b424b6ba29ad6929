// What the desk's pages do beyond forms: keep what is typed, copy, drop files, renew the preview.

const KEPT = "dure-kept ";
const KEPT_AGE_MS = 7 * 24 * 3600 * 1000;
const AGAIN_MS = 3_000;

// Times are shown in this browser's zone, from the next page on.

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const secure = location.protocol === "https:" ? "; secure" : "";
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not there over plain HTTP.
document.cookie = `dure-zone=${timeZone}; path=/desk; max-age=31536000; samesite=lax${secure}`;

// Keeping what is typed: on the server when it can be, in this browser until it was.

/** @param {HTMLFormElement} form */
function nameOf(form) {
  return KEPT + (form.getAttribute("action") ?? location.pathname);
}

/** @param {HTMLFormElement} form */
function keep(form) {
  const entries = [...new FormData(form)].filter(
    ([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string",
  );
  try {
    localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), entries }));
  } catch {
    // A full or forbidden store loses nothing that the server has.
  }
}

/** @param {HTMLFormElement} form */
function restore(form) {
  const kept = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null");
  if (!kept || Date.now() - kept.at > KEPT_AGE_MS) return;
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const [name, value] of kept.entries) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      field.checked = values.get(field.name)?.includes(field.value) ?? false;
    } else if (
      (field instanceof HTMLInputElement && !["hidden", "file"].includes(field.type)) ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    ) {
      field.value = values.get(field.name)?.[0] ?? field.value;
    }
  }
  // Once htmx listens, which is after this.
  addEventListener("load", () => form.dispatchEvent(new Event("change", { bubbles: true })));
}

// A page that came back without a complaint has taken what was sent.
const sent = sessionStorage.getItem("dure-sent");
if (sent && !document.querySelector("[role=alert]")) localStorage.removeItem(sent);
sessionStorage.removeItem("dure-sent");

for (const form of document.querySelectorAll("form[data-keep]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", () => keep(form));
  restore(form);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  if (successful && elt instanceof HTMLFormElement) localStorage.removeItem(nameOf(elt));
});

document.addEventListener("submit", ({ target }) => {
  if (target instanceof HTMLFormElement && target.matches("[data-keep]"))
    sessionStorage.setItem("dure-sent", nameOf(target));
});

document.addEventListener("htmx:responseError", (event) => {
  const { elt, xhr } = /** @type {CustomEvent} */ (event).detail;
  // Signed out in the meantime: what was typed stays here, and signing in brings it back.
  if (xhr.status === 401) location.reload();
  // The server is away for a moment: the same is asked again, or what was typed since is sent.
  if (xhr.status === 503) setTimeout(() => elt.dispatchEvent(new Event("again")), AGAIN_MS);
});

// Choices that change which fields there are.

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLElement) || !target.matches("[data-redraw]")) return;
  const form = target.closest("form");
  if (!form) return;
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "redraw";
  mark.value = "1";
  form.append(mark);
  form.submit();
});

// The preview shows what is stored.

document.addEventListener("draft-saved", () => {
  const frame = document.querySelector("iframe[data-preview]");
  if (frame instanceof HTMLIFrameElement) frame.contentWindow?.location.reload();
});

// A short name that follows the name, as far as that has Latin letters, until it is typed itself.

for (const field of document.querySelectorAll("[data-from]")) {
  if (!(field instanceof HTMLInputElement)) continue;
  const source = field.form?.elements.namedItem(field.dataset.from ?? "");
  if (!(source instanceof HTMLInputElement)) continue;
  let follows = field.value === "";
  field.addEventListener("input", () => {
    follows = field.value === "";
  });
  source.addEventListener("input", () => {
    if (!follows) return;
    const plain = source.value.normalize("NFKD").toLowerCase();
    const words = plain.replace(/[^a-z0-9\s_-]/g, "").match(/[a-z0-9]+/g) ?? [];
    field.value = /[a-z]/.test(plain)
      ? words.join("-").slice(0, field.maxLength).replace(/-$/, "")
      : "";
  });
}

// Copying and printing.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = button.parentElement?.querySelector("input, textarea");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Over plain HTTP the text is selected, and two keys copy it.
      return;
    }
    const words = button.querySelector("span");
    if (words) words.textContent = button.dataset.done ?? "";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Dropping files onto their field.

for (const zone of document.querySelectorAll("[data-drop]")) {
  const field = zone.querySelector("input[type=file]");
  if (!(field instanceof HTMLInputElement)) continue;
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
    if (files?.length) field.files = files;
  });
}
