// Passkeys on the page "Keep what I did": asks the phone's lock, and carries what it says.

/** @typedef {Record<string, any>} Json */

const section = /** @type {HTMLElement | null} */ (document.querySelector(".passkeys"));
const fate = section?.querySelector(".passkey-fate");
const csrf = /** @type {HTMLInputElement | null} */ (
  section?.querySelector("[name=csrfmiddlewaretoken]")
);

/**
 * @param {string | undefined} path
 * @param {unknown} body
 * @returns {Promise<Json>}
 */
async function ask(path, body = {}) {
  const response = await fetch(path ?? "", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf?.value ?? "" },
    body: JSON.stringify(body),
  });
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.detail);
  return reply;
}

async function make() {
  const { publicKey } = await ask(section?.dataset.begin);
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const made = await navigator.credentials.create({ publicKey: options });
  await ask(section?.dataset.finish, /** @type {PublicKeyCredential} */ (made).toJSON());
}

async function find() {
  const { publicKey } = await ask(section?.dataset.find);
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  const found = await navigator.credentials.get({ publicKey: options });
  await ask(section?.dataset.found, /** @type {PublicKeyCredential} */ (found).toJSON());
}

/** @param {() => Promise<void>} ceremony */
function tell(ceremony) {
  return async () => {
    if (!fate || !section) return;
    try {
      await ceremony();
      fate.textContent = section.dataset.done ?? "";
    } catch {
      // Whoever changed their mind at the lock comes here as well: nothing was changed.
      fate.textContent = section.dataset.failed ?? "";
    }
  };
}

if (section && "parseCreationOptionsFromJSON" in (globalThis.PublicKeyCredential ?? {})) {
  section.hidden = false;
  section.querySelector(".make")?.addEventListener("click", tell(make));
  section.querySelector(".find")?.addEventListener("click", tell(find));
}
