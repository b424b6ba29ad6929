// The queue: stored first, sent second, removed only after the server's yes.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Offline } from "../../src/dure/doors/static/dure/phone/network.js";
import {
  backOff,
  keepAnswer,
  makeId,
  readWaiting,
  send,
  takeBack,
} from "../../src/dure/doors/static/dure/phone/queue.js";
import { openStore, readAll } from "../../src/dure/doors/static/dure/phone/store.js";

/** @typedef {import("../../src/dure/doors/static/dure/phone/types.js").Reply} Reply */

let stores = 0;
/** @type {IDBDatabase} */
let db;

beforeEach(async () => {
  stores += 1;
  db = await openStore(`test ${stores}`);
});

/**
 * A server that keeps answers by id, as ours does; `talk` may stand in for a reply.
 * @param {(path: string, body: any, nth: number) => Reply | null} [talk]
 */
function makeServer(talk = () => null) {
  /** @type {Map<string, any>} */
  const stored = new Map();
  /** @type {{ path: string, body: any, token: string | null }[]} */
  const asked = [];
  /** @type {import("../../src/dure/doors/static/dure/phone/types.js").Post} */
  const post = async (path, body, token) => {
    asked.push({ path, body, token });
    const said = talk(path, body, asked.length);
    if (said) return said;
    if (path === "/collect/undo") return reply(200, {});
    const { answers } = /** @type {any} */ (body);
    for (const answer of answers) stored.set(answer.id, answer);
    const accepted = answers.map((/** @type {any} */ { id }) => id);
    return reply(200, { accepted, late: [], refused: [], tasks: [], more: false });
  };
  return { post, stored, asked };
}

/**
 * @param {number} status
 * @param {Record<string, unknown>} body
 * @param {number | null} retryAfter
 * @returns {Reply}
 */
function reply(status, body = {}, retryAfter = null) {
  return { status, body, retryAfter };
}

/** @param {number} n */
async function keep(n, { call = "birds", token = "k" } = {}) {
  const ids = [];
  for (let task = 1; task <= n; task += 1) {
    const id = makeId();
    ids.push(id);
    await keepAnswer(db, {
      id,
      call,
      token,
      task,
      value: "yes",
      prediction: null,
      ms: 900,
      place: task,
    });
  }
  return ids;
}

test("an answer waits until the server has said yes, and is gone then", async () => {
  const [id] = await keep(1);
  const server = makeServer();

  const turn = await send({ db, post: server.post });

  assert.deepEqual(turn.accepted, [id]);
  assert.equal(turn.waitMs, null);
  assert.deepEqual(await readWaiting(db), []);
  assert.equal(server.asked[0].token, "k");
  assert.deepEqual(server.stored.get(id), { id, task: 1, value: "yes", prediction: null, ms: 900 });
});

test("without a network everything stays and is tried again", async () => {
  const ids = await keep(3);

  const turn = await send({
    db,
    post: async () => {
      throw new Offline();
    },
  });

  assert.ok(turn.waitMs && turn.waitMs >= 1000);
  assert.deepEqual(
    (await readWaiting(db)).map(({ id }) => id),
    ids,
  );
});

test("a reply that was lost sends the same id again", async () => {
  const ids = await keep(2);
  const server = makeServer();
  /** @type {typeof server.post} */
  const lost = async (path, body, token) => {
    await server.post(path, body, token);
    throw new Offline();
  };

  await send({ db, post: lost });
  await send({ db, post: server.post });

  assert.deepEqual([...server.stored.keys()], ids);
  assert.equal(server.asked.length, 2);
  assert.deepEqual(await readWaiting(db), []);
});

test("a busy server is left alone for as long as it says", async () => {
  await keep(1);
  const server = makeServer(() => reply(503, {}, 7));

  const turn = await send({ db, post: server.post });

  assert.equal(turn.waitMs, 7000);
  assert.equal((await readWaiting(db)).length, 1);
  assert.equal(server.asked.length, 1);
});

for (const [status, isBusy] of /** @type {[number, boolean][]} */ ([
  [429, true],
  [503, true],
  [502, false],
  [421, false],
])) {
  test(`a turn that ended with ${status} keeps all, and says whether that was asked for`, async () => {
    const undo = { answer: makeId(), call: "birds", token: "k" };
    await keep(2);
    await takeBack(db, undo);
    const server = makeServer(() => reply(status, {}, 3));

    const turn = await send({ db, post: server.post });

    assert.equal(turn.isBusy, isBusy);
    assert.equal(turn.waitMs, 3000);
    assert.equal((await readWaiting(db)).length, 2);
    assert.deepEqual(await readAll(db, "undos"), [undo]);
    // What is behind it in the queue was not tried in vain.
    assert.equal(server.asked.length, 1);
  });
}

test("late ones are removed too, since the server has them", async () => {
  const [id] = await keep(1);
  const server = makeServer(() => reply(200, { accepted: [], late: [id], refused: [] }));

  const turn = await send({ db, post: server.post });

  assert.deepEqual(turn.late, [id]);
  assert.deepEqual(await readWaiting(db), []);
});

test("what the server refuses for good is kept aside with its reason", async () => {
  const [id] = await keep(1);
  const refused = [{ id, reason: "already-answered" }];
  const server = makeServer(() => reply(200, { accepted: [], late: [], refused }));

  const turn = await send({ db, post: server.post });

  assert.deepEqual(turn.refused, [{ id, task: 1, reason: "already-answered" }]);
  assert.deepEqual(await readWaiting(db), []);
  const [kept] = await readAll(db, "refused");
  assert.equal(kept.reason, "already-answered");
  assert.equal(kept.value, "yes");
});

test("one answer that spoils a request does not hold up the others", async () => {
  const ids = await keep(4);
  const isSpoilt = (/** @type {any} */ body) =>
    body.answers.some((/** @type {any} */ { id }) => id === ids[1]);
  const server = makeServer((_, body) =>
    isSpoilt(body) ? reply(422, { code: "bad-field" }) : null,
  );

  const turn = await send({ db, post: server.post });

  assert.deepEqual(turn.accepted, [ids[0], ids[2], ids[3]]);
  assert.deepEqual(turn.refused, [{ id: ids[1], task: 2, reason: "bad-field" }]);
});

test("a reply that names none of them is not asked for again at once", async () => {
  await keep(1);
  const server = makeServer(() => reply(200, { accepted: [], late: [], refused: [] }));

  const turn = await send({ db, post: server.post });

  assert.equal(server.asked.length, 1);
  assert.ok(turn.waitMs);
  assert.equal((await readWaiting(db)).length, 1);
});

test("many answers go in several requests, in the order they were given", async () => {
  const ids = await keep(120);
  const server = makeServer();

  await send({ db, post: server.post });

  assert.deepEqual(
    server.asked.map(({ body }) => body.answers.length),
    [50, 50, 20],
  );
  assert.deepEqual([...server.stored.keys()], ids);
});

test("each call and each person's key has requests of its own", async () => {
  await keep(2, { call: "birds", token: "one" });
  await keep(2, { call: "birds", token: "two" });
  await keep(2, { call: "names", token: "two" });
  const server = makeServer();

  await send({ db, post: server.post, call: "birds", lease: 10 });

  const sent = server.asked.map(({ body, token }) => [body.call, token, body.lease]);
  assert.deepEqual(sent.sort(), [
    ["birds", "one", 10],
    ["birds", "two", 10],
    ["names", "two", 0],
  ]);
});

test("what is given while a request is under way is for the next turn, with tasks of its own", async () => {
  const [first] = await keep(1);
  const server = makeServer();
  /** @type {typeof server.post} */
  const slow = async (path, body, token) => {
    if (server.asked.length === 0) await keep(2);
    return server.post(path, body, token);
  };

  const turn = await send({ db, post: slow, call: "birds", lease: 0 });
  const left = await readWaiting(db);
  const next = await send({ db, post: slow, call: "birds", lease: 8 });

  assert.deepEqual(turn.accepted, [first]);
  assert.equal(left.length, 2);
  assert.deepEqual(
    next.accepted,
    left.map(({ id }) => id),
  );
  assert.deepEqual(
    server.asked.map(({ body }) => body.lease),
    [0, 8],
  );
});

test("taking back an answer that never left needs no server", async () => {
  const [id] = await keep(1);
  await takeBack(db, { answer: id, call: "birds", token: "k" });
  const server = makeServer();

  await send({ db, post: server.post });

  assert.deepEqual(server.asked, []);
});

test("taking back an answer that may have arrived is told to the server first", async () => {
  const [id] = await keep(1);
  await send({
    db,
    post: async () => {
      throw new Offline();
    },
  });
  await takeBack(db, { answer: id, call: "birds", token: "k" });
  const server = makeServer();

  await send({ db, post: server.post });

  assert.deepEqual(server.asked, [
    { path: "/collect/undo", body: { call: "birds", answer: id }, token: "k" },
  ]);
  assert.deepEqual(await readAll(db, "undos"), []);
});

test("an answer whose ten seconds have passed stands, and the page learns it", async () => {
  const id = makeId();
  await takeBack(db, { answer: id, call: "birds", token: "k" });
  const server = makeServer(() => reply(409, { code: "undo-over" }));

  const turn = await send({ db, post: server.post });

  assert.deepEqual(turn.stands, [id]);
  assert.deepEqual(await readAll(db, "undos"), []);
});

test("waiting grows, differs from phone to phone, and has an end", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 20].map((tries) => backOff(tries, 1));
  const shortest = [0, 1, 2, 3, 4, 5, 6, 7, 20].map((tries) => backOff(tries, 0));

  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
  assert.deepEqual(
    shortest,
    longest.map((ms) => ms / 2),
  );
});

test("ids are UUIDs, with and without HTTPS", () => {
  const { randomUUID } = crypto;
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  assert.match(makeId(), form);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  assert.match(makeId(), form);
  assert.notEqual(makeId(), makeId());
  Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
});
