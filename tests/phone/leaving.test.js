// What is sent as the page goes away: what the server has not spoken on, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLeaving } from "../../src/dure/doors/static/dure/phone/leaving.js";

/**
 * @param {string} id
 * @param {number} task
 * @param {string} [token]
 */
function give(id, task, token = "mine") {
  return { id, call: "birds", token, task, value: "yes", prediction: null, ms: 5, place: task };
}

/** @param {(leaving: ReturnType<typeof makeLeaving>) => void} act */
function sentOn(act) {
  /** @type {{ token: string, ids: string[], keepalive: boolean }[]} */
  const sent = [];
  const before = globalThis.fetch;
  globalThis.fetch = async (path, options) => {
    assert.equal(path, "/collect/answers");
    const body = JSON.parse(String(options?.body));
    assert.equal(body.call, "birds");
    const headers = /** @type {Record<string, string>} */ (options?.headers);
    const ids = body.answers.map((/** @type {{ id: string }} */ { id }) => id);
    sent.push({ token: headers.Authorization, ids, keepalive: options?.keepalive ?? false });
    return new Response();
  };
  const leaving = makeLeaving("birds");
  act(leaving);
  const tasks = leaving.send();
  globalThis.fetch = before;
  return { sent, tasks };
}

test("what nobody has spoken on is sent, by the person who gave it", () => {
  const { sent, tasks } = sentOn((leaving) => {
    for (const [n, id] of ["a", "b", "c", "d"].entries()) leaving.hold(give(id, n));
    leaving.hold(give("e", 4, "another"));
    leaving.settle({
      accepted: ["a"],
      late: ["b"],
      refused: [{ id: "c", task: 2, reason: "?" }],
      stands: [],
      next: null,
      waitMs: null,
      isBusy: false,
    });
  });

  assert.deepEqual(sent, [
    { token: "Bearer mine", ids: ["d"], keepalive: true },
    { token: "Bearer another", ids: ["e"], keepalive: true },
  ]);
  assert.deepEqual(tasks, new Set([3, 4]));
});

test("what was taken back is not sent, and of many only the last are", () => {
  const { sent } = sentOn((leaving) => {
    for (let n = 0; n < 14; n += 1) leaving.hold(give(`${n}`, n));
    leaving.drop("13");
  });

  assert.deepEqual(sent[0].ids, ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
  assert.equal(sent.length, 1);
});

test("nothing is sent when all was spoken on", () => {
  assert.deepEqual(sentOn(() => {}).sent, []);
});
