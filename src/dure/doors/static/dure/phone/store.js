// What the phone keeps: answers that wait, tasks on loan, the person's key. IndexedDB, so that it
// is there again after the tab was killed and the phone was off.

const VERSION = 1;
export const STORES = {
  answers: "id",
  undos: "answer",
  refused: "id",
  tasks: ["call", "id"],
  facts: "name",
};

/** @typedef {keyof typeof STORES} StoreName */
/** @typedef {{ name: string, value: unknown }} Fact */

/**
 * @param {string} [name]
 * @returns {Promise<IDBDatabase>}
 */
export function openStore(name = "dure") {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) {
        opening.result.createObjectStore(store, { keyPath });
      }
    };
    opening.onsuccess = () => {
      // A newer page in another tab may not wait for this one.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () => reject(opening.error);
  });
}

/**
 * Change rows of some stores, all or none; done when it is on the disk.
 * @param {IDBDatabase} db
 * @param {StoreName[]} names
 * @param {(stores: Record<string, IDBObjectStore>) => void} change
 * @returns {Promise<void>}
 */
export function change(db, names, change) {
  return new Promise((resolve, reject) => {
    // Strict: the answer is on the disk and not in a buffer when the battery dies.
    const transaction = db.transaction(names, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    change(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
  });
}

/**
 * @param {IDBDatabase} db
 * @param {StoreName} name
 * @returns {Promise<any[]>}
 */
export function readAll(db, name) {
  return finish(db.transaction(name).objectStore(name).getAll());
}

/**
 * @param {IDBDatabase} db
 * @param {StoreName} name
 * @param {IDBValidKey} key
 * @returns {Promise<any>}
 */
export function readOne(db, name, key) {
  return finish(db.transaction(name).objectStore(name).get(key));
}

/**
 * @param {IDBDatabase} db
 * @param {string} name
 * @returns {Promise<unknown>}
 */
export async function readFact(db, name) {
  /** @type {Fact | undefined} */
  const fact = await readOne(db, "facts", name);
  return fact?.value;
}

/**
 * @param {IDBDatabase} db
 * @param {string} name
 * @param {unknown} value
 */
export function keepFact(db, name, value) {
  return change(db, ["facts"], ({ facts }) => facts.put({ name, value }));
}

/**
 * Whether the server has just made this page: one from a cache shows a task answered long ago.
 * @param {IDBDatabase} db
 * @param {string} render
 */
export async function isFirstShowing(db, render) {
  const seen = await readFact(db, "page");
  await keepFact(db, "page", render);
  return seen !== render;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function finish(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
