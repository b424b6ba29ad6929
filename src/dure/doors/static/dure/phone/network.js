// One way to speak to the server; a reply of any status is a reply, no reply is an Offline error.

const TIMEOUT_MS = 20_000;
const QUIET_MS_MAX = 60_000;
// Phones that were told the same must not all come back in the same instant.
const SPREAD_MS_MIN = 2_000;

// Until when nothing is asked, because the server said so, and what it said.
let quietUntil = 0;
let quietStatus = 503;

export class Offline extends Error {}

/**
 * Where the server said how long it wants to be left alone, it is: what is asked meanwhile gets
 * the same reply again, without a request.
 * @type {import("./types.js").Post}
 */
export async function post(path, body, token) {
  const quietMs = quietUntil - performance.now();
  if (quietMs > 0) return { status: quietStatus, body: {}, retryAfter: quietMs / 1000 };
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: headersFor(token),
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith("{") ? JSON.parse(text) : {},
      retryAfter: keepQuiet(response),
    };
  } catch {
    // A network that is captive, cut or slow looks the same from here: nothing was said.
    throw new Offline();
  }
}

/**
 * How many seconds to wait: never less than the server says, and a share of chance more.
 * @param {Response} response
 */
function keepQuiet({ status, headers }) {
  const askedMs = Number(headers.get("Retry-After")) * 1000;
  if ((status !== 429 && status !== 503) || !(askedMs > 0)) return null;
  const leastMs = Math.min(QUIET_MS_MAX, askedMs);
  const waitMs = leastMs + Math.random() * Math.max(SPREAD_MS_MIN, leastMs / 2);
  quietUntil = performance.now() + waitMs;
  quietStatus = status;
  return waitMs / 1000;
}

/**
 * Say something while the page goes away; nobody waits for a reply.
 * @param {string} path
 * @param {object} body
 * @param {string} token
 */
export function postAndLeave(path, body, token) {
  fetch(path, {
    method: "POST",
    headers: headersFor(token),
    body: JSON.stringify(body),
    keepalive: true,
  }).catch(() => {});
}

/** @param {string | null} token */
function headersFor(token) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  // The key travels with each answer, so that one given before the cookie was cleared still counts.
  if (token) headers.Authorization = `Bearer ${token}`;
  return headers;
}
