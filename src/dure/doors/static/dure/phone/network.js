// One way to speak to the server; a reply of any status is a reply, no reply is an Offline error.

const TIMEOUT_MS = 20_000;

export class Offline extends Error {}

/** @type {import("./types.js").Post} */
export async function post(path, body, token) {
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
      retryAfter: Number(response.headers.get("Retry-After")) || null,
    };
  } catch {
    // A network that is captive, cut or slow looks the same from here: nothing was said.
    throw new Offline();
  }
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
