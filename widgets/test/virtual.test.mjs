import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const v = await load("lib/virtual.ts");
const grid = (count, more = {}) => v.layout({ mode: "grid", count, width: 1000, height: 600,
  tileWidth: 190, tileHeight: 180, gap: 10, ...more });
const strip = (count) => grid(count, { mode: "strip" });

test("a grid fills its rows and counts them", () => {
  const l = grid(101);
  assert.equal(l.columns, 5);
  assert.equal(l.rows, 21);
  assert.equal(l.realWidth, 192);
  assert.equal(l.size, 21 * 190 - 10);
});

test("only the rows in sight are shown", () => {
  const l = grid(100_000);
  assert.deepEqual(v.visible(l, 0), { first: 0, last: 20 });
  const middle = v.visible(l, l.boxSize / 2);
  assert.ok(middle.last - middle.first <= 25);
  assert.equal(v.visible(l, l.boxSize - l.viewport).last, 100_000);
});

test("an empty list shows nothing and takes no keys", () => {
  const l = grid(0);
  assert.deepEqual(v.visible(l, 0), { first: 0, last: 0 });
  assert.equal(v.moved(l, 0, "ArrowDown"), undefined);
});

test("a list longer than a browser can lay out reaches both of its ends", () => {
  const l = strip(1_000_000);
  assert.equal(l.boxSize, v.MAX_BOX);
  assert.equal(v.visible(l, 0).first, 0);
  const end = l.boxSize - l.viewport;
  assert.equal(v.visible(l, end).last, 1_000_000);
  assert.equal(Math.round(v.offsetAt(l, end)), l.size - l.viewport);
});

test("offsets and scroll positions are each other's inverse", () => {
  for (const l of [grid(400), strip(1_000_000)]) {
    for (const share of [0, 0.1, 0.5, 0.99, 1]) {
      const scroll = share * (l.boxSize - l.viewport);
      assert.ok(Math.abs(v.scrollFor(l, v.offsetAt(l, scroll)) - scroll) < 1e-6);
    }
  }
});

test("a tile in sight lies inside the viewport, however long the list", () => {
  for (const l of [grid(100_000), strip(1_000_000)]) {
    for (const share of [0, 0.3, 0.77, 1]) {
      const scroll = share * (l.boxSize - l.viewport);
      const { first, last } = v.visible(l, scroll);
      const along = l.mode === "grid" ? "y" : "x";
      const start = v.place(l, first, scroll)[along];
      const end = v.place(l, last - 1, scroll)[along] + l.step;
      assert.ok(start <= scroll + 1 && start > scroll - l.step - 1);
      assert.ok(end >= scroll + l.viewport - l.gap - 1);
    }
  }
});

test("revealing a tile moves no more than needed", () => {
  const l = grid(1000);
  assert.equal(v.reveal(l, 3, 0), 0);
  assert.equal(v.reveal(l, 999, 0), l.boxSize - l.viewport);
  assert.equal(v.reveal(l, 0, 5000), 0);
  const scroll = v.reveal(l, 40, 0);
  assert.deepEqual(v.reveal(l, 40, scroll), scroll);
});

test("keys move by one, by a row, by a page and to the ends", () => {
  const l = grid(23);
  assert.equal(v.moved(l, 0, "ArrowRight"), 1);
  assert.equal(v.moved(l, 0, "ArrowLeft"), 0);
  assert.equal(v.moved(l, 3, "ArrowDown"), 8);
  assert.equal(v.moved(l, 20, "ArrowDown"), 20, "no row below: stay");
  assert.equal(v.moved(l, 2, "ArrowUp"), 2, "no row above: stay");
  assert.equal(v.moved(l, 3, "PageDown"), 18);
  assert.equal(v.moved(l, 18, "PageDown"), 22);
  assert.equal(v.moved(l, 5, "End"), 22);
  assert.equal(v.moved(l, 5, "Home"), 0);
  assert.equal(v.moved(l, 5, "x"), undefined);
  assert.equal(v.moved(strip(23), 5, "ArrowDown"), 6);
});

test("blocks cover a window", () => {
  assert.deepEqual(v.blocks({ first: 95, last: 205 }, 100), [0, 1, 2]);
  assert.deepEqual(v.blocks({ first: 100, last: 200 }, 100), [1]);
  assert.deepEqual(v.blocks({ first: 5, last: 5 }, 100), []);
});
