// The service worker: the page without a network, and sending what waits after the page is gone.

import { post } from "./network.js";
import { readWaiting, SYNC, send } from "./queue.js";
import { openStore } from "./store.js";

/** @typedef {{ version: string, files: string[], offline: string }} Setup */

const PAGES = "dure-pages";
const MEDIA = "dure-media";
const MEDIA_KEPT_MAX = 40;
const MEDIA_BYTES_MAX = 8 * 2 ** 20;
const PAGE_WAIT_MS = 5_000;
// A browser lets a worker live for some minutes only, and tries again much later.
const BUSY_MS_MAX = 90_000;
// Texts vary by how they were compressed, which is nothing to one who has them unpacked.
const AS_STORED = { ignoreSearch: true, ignoreVary: true };

/** @param {Setup} setup */
export function serve({ version, files, offline }) {
  const worker = /** @type {any} */ (self);
  const assets = `dure-files-${version}`;

  worker.addEventListener("install", (/** @type {any} */ event) => {
    // What is sent needs no worker, and must not wait for one that is just waking up.
    event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" });
    const keep = caches.open(assets).then((cache) => cache.addAll([...files, offline]));
    event.waitUntil(keep.then(() => worker.skipWaiting()));
  });
  worker.addEventListener("activate", (/** @type {any} */ event) => {
    event.waitUntil(dropOldFiles(assets).then(() => worker.clients.claim()));
  });
  worker.addEventListener("sync", (/** @type {any} */ event) => {
    if (event.tag === SYNC) event.waitUntil(sendBehind());
  });
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (files.includes(pathname)) event.respondWith(fromCache(assets, request));
    else if (pathname.startsWith("/media/")) event.respondWith(fromMedia(request));
    else if (request.mode === "navigate" && /^\/c\/[^/]+\/$/.test(pathname)) {
      // Only the page for a frame may be shown in one.
      const place = searchParams.has("embed") ? `${pathname}?embed=1` : pathname;
      event.respondWith(fromNetwork(event, place, offline));
    }
  });
}

/** A page that closed may have left answers; an error here makes the browser try again later. */
export async function sendBehind() {
  const db = await openStore();
  let patienceMs = BUSY_MS_MAX;
  try {
    while ((await readWaiting(db)).length) {
      const { waitMs, isBusy } = await send({ db, post });
      if (waitMs === null) continue;
      patienceMs -= waitMs;
      if (!isBusy || patienceMs < 0) throw new Error("the answers still wait");
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  } finally {
    db.close();
  }
}

/** @param {string} current */
async function dropOldFiles(current) {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("dure-files-") && name !== current);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/**
 * @param {string} name
 * @param {Request} request
 */
async function fromCache(name, request) {
  const cache = await caches.open(name);
  return (await cache.match(request, AS_STORED)) ?? fetch(request);
}

/**
 * The page from the network; from the last visit if that is away or takes too long.
 * @param {any} event
 * @param {string} place under which it is kept
 * @param {string} offline
 */
async function fromNetwork(event, place, offline) {
  const cache = await caches.open(PAGES);
  const asked = fetch(event.request).then((response) => {
    if (response.ok && !response.redirected) event.waitUntil(cache.put(place, response.clone()));
    return response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, PAGE_WAIT_MS, null));
  const known = await cache.match(place, { ignoreVary: true });
  try {
    const first = await (known ? Promise.race([asked, late]) : asked);
    if (first && first.status < 500 && first.status !== 429) return first;
    return known ?? first ?? (await asked);
  } catch {
    return known ?? (await caches.match(offline, AS_STORED)) ?? Response.error();
  } finally {
    event.waitUntil(asked.catch(() => {}));
  }
}

/** @param {Request} request */
async function fromMedia(request) {
  const cache = await caches.open(MEDIA);
  const known = await cache.match(request.url, AS_STORED);
  if (known) return cutRange(request, known);
  const response = await fetch(request);
  const size = Number(response.headers.get("Content-Length"));
  if (response.status === 200 && size <= MEDIA_BYTES_MAX) {
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.max(0, kept.length - MEDIA_KEPT_MAX))) {
      await cache.delete(old);
    }
    await cache.put(request.url, response.clone());
  }
  return response;
}

/**
 * Sounds and films are asked for in parts, which a cache does not know.
 * @param {Request} request
 * @param {Response} whole
 */
async function cutRange(request, whole) {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!range) return whole;
  const bytes = await whole.blob();
  const first = Number(range[1]);
  const last = Math.min(range[2] ? Number(range[2]) : bytes.size - 1, bytes.size - 1);
  if (first > last) return new Response(null, { status: 416 });
  const headers = new Headers(whole.headers);
  headers.set("Content-Range", `bytes ${first}-${last}/${bytes.size}`);
  headers.set("Content-Length", String(last - first + 1));
  const part = bytes.slice(first, last + 1, bytes.type);
  return new Response(part, { status: 206, statusText: "Partial Content", headers });
}
