// Coming and going: who is here, the worker behind the page, media fetched ahead, the network.

import { post } from "./network.js";
import { isPassing, SYNC } from "./queue.js";
import { keepFact, readFact } from "./store.js";

/** @typedef {import("./types.js").Task} Task */

const LANGUAGE = "django_language";
const PREFETCH_TASKS_MAX = 5;
const PREFETCH_BYTES_MAX = 12 * 2 ** 20;

/** @type {Set<string>} */
const fetched = new Set();
let bytesFetched = 0;

/**
 * @param {object} does
 * @param {() => void} does.back when the page, or the network, is there again
 * @param {() => void} does.leave when the page goes away
 */
export function watch({ back, leave }) {
  addEventListener("online", back);
  addEventListener("pagehide", () => {
    askForSync();
    leave();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) back();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") back();
    else askForSync();
  });
  // Once the page is drawn: on a slow line the worker's files must not come before the question.
  if (navigator.serviceWorker) {
    const register = () =>
      navigator.serviceWorker.register("/c/worker.js", { scope: "/c/", type: "module" });
    if (document.readyState === "complete") register().catch(() => {});
    else addEventListener("load", () => register().catch(() => {}));
  }
}

/**
 * The switch of languages, without opening the page anew.
 * @param {(wanted: string) => { language: string, name: string }} change gives the one before
 */
export function listenForLanguage(change) {
  const form = document.querySelector(".languages");
  const button = form?.querySelector("button");
  if (!form || !button) return;
  const turn = () => {
    const { language, name } = change(button.value);
    button.value = language;
    button.lang = language;
    button.textContent = name;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // The server reads the same cookie when the page is opened again.
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
    document.cookie = `${LANGUAGE}=${button.value};path=/;max-age=31536000;samesite=lax`;
    turn();
  });
  // Without a network the page is the one of the last visit, in the language of that time.
  if (document.cookie.split("; ").includes(`${LANGUAGE}=${button.value}`)) turn();
}

/**
 * The key to go on with: if the browser forgot who we are but the phone did not, the one it kept.
 * @param {IDBDatabase} db
 * @param {{ slug: string, token: string }} page of which the token is the one it came with
 */
export async function recallToken(db, { slug, token }) {
  const known = /** @type {string | undefined} */ (await readFact(db, "token"));
  if (known && known !== token) {
    const reply = await post("/collect/join", { call: slug }, known).catch(() => null);
    if (reply?.status === 200) return known;
    // Not now is no reason to become somebody else.
    if (!reply || isPassing(reply)) return token;
  }
  await keepFact(db, "token", token);
  return token;
}

/** Where the browser can: send what waits as soon as there is a network, even without the page. */
function askForSync() {
  navigator.serviceWorker?.ready
    .then((/** @type {any} */ registration) => registration.sync?.register(SYNC))
    .catch(() => {});
}

/**
 * Pictures, sounds and films of the next tasks, one after the other, within a budget.
 * @param {Task[]} tasks
 */
export async function prefetch(tasks) {
  const { connection } = /** @type {any} */ (navigator);
  if (connection?.saveData) return;
  const addresses = tasks.slice(0, PREFETCH_TASKS_MAX).flatMap(addressesOf);
  for (const address of addresses) {
    if (fetched.has(address) || bytesFetched > PREFETCH_BYTES_MAX) continue;
    fetched.add(address);
    await fetchOne(address);
  }
}

/** @param {Task} task */
function addressesOf({ content: { image, audio, video, left, right } }) {
  const sides = [left, right].flatMap((side) =>
    typeof side === "object" && "image" in side ? [String(side.image)] : [],
  );
  return [image, audio, video, ...sides].flatMap((address) => (address ? [address] : []));
}

/** @param {string} address */
async function fetchOne(address) {
  if (new URL(address, location.href).origin !== location.origin) {
    // Another's server need not let us read it, but a picture may be shown.
    new Image().src = address;
    return;
  }
  try {
    const response = await fetch(address, { priority: "low" });
    bytesFetched += (await response.blob()).size;
  } catch {
    fetched.delete(address);
  }
}
