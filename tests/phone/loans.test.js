// How many tasks a phone asks for: enough for a dead network, but of the last ones no more than one.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { AHEAD, makeLoans } from "../../src/dure/doors/static/dure/phone/loans.js";
import { openStore } from "../../src/dure/doors/static/dure/phone/store.js";

/** @typedef {import("../../src/dure/doors/static/dure/phone/types.js").Task} Task */

const { fetch } = globalThis;
// Nothing is fetched ahead where data is to be saved.
Object.defineProperty(globalThis, "navigator", { value: { connection: { saveData: true } } });
let stores = 0;

afterEach(() => {
  globalThis.fetch = fetch;
});

/** @param {number[]} ids */
function tasksOf(ids) {
  return ids.map((id) => ({ id, content: { text: `Task ${id}` }, until: "" }));
}

/**
 * A page that came with one task, or with none while others hold the rest.
 * @param {number[]} ids
 */
async function open(ids) {
  stores += 1;
  const db = await openStore(`loans ${stores}`);
  const loans = makeLoans({ db, slug: "birds", person: { token: "mine" } });
  const [task = null] = /** @type {Task[]} */ (tasksOf(ids));
  await loans.begin({ task, more: true }, false);
  loans.next();
  /**
   * Tells how many tasks were asked for.
   * @param {number[]} given
   */
  const look = async (given) => {
    let n = 0;
    globalThis.fetch = async (path, options) => {
      assert.equal(path, "/collect/lease");
      n = JSON.parse(String(options?.body)).n;
      return Response.json({ tasks: tasksOf(given), more: true });
    };
    const reply = await loans.fetch();
    await loans.adopt(reply?.body ?? {});
    if (!loans.current) loans.next();
    return n;
  };
  /**
   * Answer the task on the screen; tells how many were asked for along with it.
   * @param {number[]} given if any were asked for
   */
  const answer = async (given) => {
    loans.finish(loans.current?.id ?? 0);
    loans.next();
    const { wanted } = loans;
    if (wanted) await loans.adopt({ tasks: tasksOf(given), more: true }, wanted);
    if (!loans.current) loans.next();
    return wanted;
  };
  return { loans, look, answer };
}

/**
 * @param {number} first
 * @param {number} last
 */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, nth) => first + nth);
}

test("a phone has eight tasks, and asks again when no more than six are left", async () => {
  const { look, answer } = await open([1]);

  const asked = [await look(range(1, 8)), await answer([]), await answer(range(3, 10))];

  assert.deepEqual(asked, [AHEAD, 0, AHEAD]);
});

test("whoever was told that others hold the last tasks asks for one", async () => {
  const early = await open([]);
  const late = await open([1]);

  const asked = [await early.look([]), await late.look([1]), await late.answer([])];
  asked.push(await late.look([]));

  assert.deepEqual(asked, [1, AHEAD, AHEAD, 1]);
});

test("one that came free stays the only one, however often is looked, and after its answer", async () => {
  const { loans, look, answer } = await open([]);
  await look([1]);

  const asked = [await look([1]), await look([1]), await answer([])];

  assert.deepEqual(asked, [1, 1, 1]);
  assert.equal(loans.outlook, "held");
});

test("whoever is given all with an answer may have more step by step, until others hold the rest", async () => {
  const { look, answer } = await open([]);
  await look([1]);

  const asked = [];
  for (const given of [[2], [3, 4], range(4, 7), [5, 6, 7], [6, 7], [7]])
    asked.push(await answer(given));
  asked.push(await answer([]), await look([]), await look([8]), await answer([]));

  assert.deepEqual(asked, [1, 2, 4, 8, 8, 8, 8, 1, 1, 1]);
});

test("no fewer are asked for than the phone has, also after an answer was taken back", async () => {
  const { loans, look, answer } = await open([]);
  await look([1]);
  const first = /** @type {Task} */ (loans.current);
  loans.finish(first.id);
  await loans.adopt({ tasks: tasksOf([2]), more: true });
  loans.next();

  await loans.reopen(first);

  assert.equal(await look([1, 2]), 2);
  assert.equal(await answer([]), 0);
});
