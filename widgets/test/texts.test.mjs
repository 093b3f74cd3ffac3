// Every text of the front end exists in Russian, with the same values in it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { load } from "./load.mjs";

const root = new URL("../src/", import.meta.url);
const sources = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(name, root), "utf8"));
const russian = JSON.parse(readFileSync(new URL("locale/ru.json", root), "utf8"));
const { translator } = await load("lib/i18n.ts");

const literal = /(?<!\w)t\(\s*"((?:[^"\\]|\\.)*)"/g;
const plural = /(?<!\w)t\.n\([^"]*"(?:[^"\\]|\\.)*",\s*"((?:[^"\\]|\\.)*)"/g;
const ofAll = (pattern) => new Set(sources.flatMap((s) => [...s.matchAll(pattern)].map((m) => m[1])));
const single = ofAll(literal);
const counted = ofAll(plural);
const states = ["queued", "pinning", "pinned", "failed"];
const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();

test("there are texts to check", () => assert.ok(single.size > 200 && counted.size >= 5));

test("every text is translated", () => {
  const missing = [...single, ...states].filter((text) => typeof russian[text] !== "string");
  assert.deepEqual(missing, []);
  assert.deepEqual([...counted].filter((text) => russian[text]?.length !== 3), []);
});

test("no translation is left over", () => {
  const used = new Set([...single, ...counted, ...states]);
  assert.deepEqual(Object.keys(russian).filter((text) => !used.has(text)), []);
});

test("translations use the same values", () => {
  for (const [text, found] of Object.entries(russian)) {
    for (const one of [found].flat()) assert.equal(values(one), values(text), text);
  }
});

test("Russian counts in three forms", () => {
  const t = translator("ru");
  const say = (n) => t.n(n, "{n} frame", "{n} frames");
  assert.deepEqual([1, 3, 5, 11, 21, 104].map(say),
    ["1 кадр", "3 кадра", "5 кадров", "11 кадров", "21 кадр", "104 кадра"]);
  const en = translator("en");
  assert.deepEqual([1, 2].map((n) => en.n(n, "{n} frame", "{n} frames")), ["1 frame", "2 frames"]);
});
