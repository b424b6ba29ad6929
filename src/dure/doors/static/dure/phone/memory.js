// In place of IndexedDB where a browser keeps it from a frame on another's page: the few parts of
// it that store.js and what changes its rows use. What it holds is gone with the page.

/** @typedef {IDBValidKey | IDBKeyRange} Key */

/**
 * @param {Record<string, string | string[]>} stores the key of each store's rows
 * @returns {IDBDatabase}
 */
export function openMemory(stores) {
  const rows = new Map(Object.entries(stores).map(([name, path]) => [name, makeRows(path)]));
  const transaction = () => {
    const made = {
      objectStore: (/** @type {string} */ name) => rows.get(name),
      oncomplete: () => {},
    };
    queueMicrotask(() => made.oncomplete());
    return made;
  };
  // Without a name: no other window can open it.
  return /** @type {any} */ ({ name: "", transaction });
}

/** @param {string | string[]} path */
function makeRows(path) {
  /** @type {Map<string, { key: any, row: any }>} */
  const rows = new Map();
  const keyOf = (/** @type {any} */ row) =>
    Array.isArray(path) ? path.map((part) => row[part]) : row[path];
  return {
    getAll: () => answer([...rows.values()].map(({ row }) => structuredClone(row))),
    get: (/** @type {any} */ key) => answer(structuredClone(rows.get(JSON.stringify(key))?.row)),
    put: (/** @type {any} */ row) => {
      const key = keyOf(row);
      rows.set(JSON.stringify(key), { key, row: structuredClone(row) });
    },
    delete: (/** @type {Key} */ wanted) => {
      const isRange = wanted instanceof IDBKeyRange;
      for (const [name, { key }] of rows) {
        if (isRange ? wanted.includes(key) : name === JSON.stringify(wanted)) rows.delete(name);
      }
    },
  };
}

/** @param {unknown} result */
function answer(result) {
  const request = { result, onsuccess: () => {} };
  queueMicrotask(() => request.onsuccess());
  return request;
}
