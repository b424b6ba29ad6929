// The stand-in for IndexedDB keeps the rows that the real one keeps.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemory } from "../../src/dure/doors/static/dure/phone/memory.js";
import {
  change,
  keepFact,
  openStore,
  readAll,
  readFact,
  readOne,
  STORES,
} from "../../src/dure/doors/static/dure/phone/store.js";

/** @param {IDBDatabase} db */
async function live(db) {
  await change(db, ["tasks", "answers"], ({ tasks, answers }) => {
    for (const id of [3, 1, 2]) tasks.put({ call: "birds", id });
    tasks.put({ call: "fish", id: 1 });
    answers.put({ id: "a", value: ["x"], tried: false });
    answers.put({ id: "a", value: ["x"], tried: true });
    answers.put({ id: "b", value: null });
  });
  await change(db, ["tasks"], ({ tasks }) => tasks.delete(["birds", 2]));
  const before = await readAll(db, "tasks");
  await change(db, ["tasks", "answers"], ({ tasks, answers }) => {
    tasks.delete(IDBKeyRange.bound(["birds", 0], ["birds", Number.MAX_SAFE_INTEGER]));
    answers.delete("b");
    answers.delete("nowhere");
  });
  await keepFact(db, "token", "k");
  return {
    before: before.map(({ call, id }) => `${call} ${id}`).sort(),
    tasks: await readAll(db, "tasks"),
    answers: await readAll(db, "answers"),
    one: await readOne(db, "answers", "a"),
    none: await readOne(db, "answers", "b"),
    fact: await readFact(db, "token"),
    noFact: await readFact(db, "page"),
  };
}

test("memory holds what a disk would", async () => {
  const real = await live(await openStore("beside memory"));

  const held = await live(openMemory(STORES));

  assert.deepEqual(held, real);
  assert.deepEqual(held.before, ["birds 1", "birds 3", "fish 1"]);
});

test("rows are kept as they were put, whatever becomes of the object", async () => {
  const db = openMemory(STORES);
  const row = { id: "a", value: [1] };
  await change(db, ["answers"], ({ answers }) => answers.put(row));

  row.value.push(2);
  const [read] = await readAll(db, "answers");
  read.value.push(3);

  assert.deepEqual(await readAll(db, "answers"), [{ id: "a", value: [1] }]);
});
