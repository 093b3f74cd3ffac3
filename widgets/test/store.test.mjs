import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { Store } = await load("gallery-picker/store.ts");
const { NO_FILTER } = await load("gallery-picker/types.ts");

/** A kernel with `total` frames, newest first; `shift` more have come since. */
function kernel(total) {
  const calls = [];
  const state = { shift: 0 };
  const channel = {
    on: () => () => {},
    call: async (action, args) => {
      calls.push([action, args]);
      await new Promise((done) => setTimeout(done, 1));
      const all = total + state.shift;
      if (action === "query") return { data: { total: all, selected: 0 }, buffers: [] };
      if (action === "thumbs") return { data: { ids: args.ids }, buffers: [] };
      const count = Math.max(0, Math.min(args.limit, all - args.offset));
      return { data: { items: Array.from({ length: count }, (_, i) =>
        ({ id: all - args.offset - i, selected: false })) }, buffers: [] };
    },
  };
  return { calls, state, store: new Store(channel) };
}

const settle = () => new Promise((done) => setTimeout(done, 20));

test("a row is fetched once, however many ask for it", async () => {
  const { calls, store } = kernel(1000);
  await store.query(NO_FILTER);
  store.need({ first: 0, last: 20 });
  const [a, b] = await Promise.all([store.load(3), store.load(4)]);
  assert.deepEqual([a.id, b.id], [997, 996]);
  assert.equal(calls.filter(([action]) => action === "page").length, 1);
});

test("only small pictures in sight are asked for, each once", async () => {
  const { calls, store } = kernel(1000);
  await store.query(NO_FILTER);
  await store.load(0);
  store.need({ first: 0, last: 50 });
  store.need({ first: 0, last: 50 });
  await settle();
  const asked = calls.filter(([action]) => action === "thumbs").flatMap(([, args]) => args.ids);
  assert.equal(asked.length, 50);
  assert.equal(new Set(asked).size, 50);
});

test("old rows stay in sight until new ones have come", async () => {
  const { state, store } = kernel(500);
  await store.query(NO_FILTER);
  await store.load(10);
  state.shift = 2;
  await store.query(NO_FILTER, true);
  assert.equal(store.at(10).id, 490);
  store.need({ first: 0, last: 20 });
  await settle();
  assert.equal(store.at(10).id, 492);
  assert.equal(store.where(490, 10), 12, "and what was there is found again");
});

test("a row beyond the end is nowhere", async () => {
  const { store } = kernel(5);
  await store.query(NO_FILTER);
  assert.equal(await store.load(7), undefined);
  assert.equal(store.at(-1), undefined);
});
