import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { Lru } = await load("lib/lru.ts");
const z = await load("lib/zoom.ts");
const { histogram } = await load("gallery-picker/facets.ts");
const g = await load("gallery-picker/types.ts");
const { matches } = await load("log-console/entries.ts");
const s = await load("camera-grid/settings.ts");
const { clockOffset } = await load("lib/upload.ts");
const { fileName } = await load("lib/media.ts");
const { Wire, CallError, Gone } = await load("lib/channel.ts");

test("the least recently used goes first, and is told of", () => {
  const dropped = [];
  const lru = new Lru(2, (value) => dropped.push(value));
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  assert.deepEqual(dropped, [2]);
  assert.deepEqual([lru.has("a"), lru.has("b"), lru.size], [true, false, 2]);
  lru.set("a", 4);
  lru.clear();
  assert.deepEqual(dropped, [2, 1, 3, 4]);
});

test("zooming keeps the point under the pointer", () => {
  const view = z.zoomAt({ scale: 2, x: 30, y: -10 }, 1.5, 100, 50);
  assert.equal(view.scale, 3);
  // The picture point under (100, 50) before and after:
  assert.ok(Math.abs((100 - 30) / 2 - (100 - view.x) / 3) < 1e-9);
  assert.ok(Math.abs((50 + 10) / 2 - (50 - view.y) / 3) < 1e-9);
});

test("a picture is not pushed out of its box nor shrunk below it", () => {
  assert.deepEqual(z.bound({ scale: 2, x: 900, y: 5 }, [400, 300], [400, 200]),
    { scale: 2, x: 200, y: 5 });
  assert.deepEqual(z.bound({ scale: 1, x: 9, y: 9 }, [400, 300], [400, 200]), { scale: 1, x: 0, y: 0 });
  assert.equal(z.zoomAt(z.FIT, 0.1, 0, 0).scale, 1);
  assert.deepEqual(z.fitted([400, 300], [800, 400]), [400, 200]);
});

test("days become bars, with the empty ones between them", () => {
  const bars = histogram({ "2026-05-01": 3, "2026-05-04": 1 });
  assert.deepEqual(bars.map((bar) => bar.count), [3, 0, 0, 1]);
  assert.equal(bars[1].from, "2026-05-02");
  assert.deepEqual(histogram({}), []);
});

test("many days share bars and none is lost", () => {
  const days = {};
  for (let i = 0; i < 400; i++) {
    days[new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10)] = 2;
  }
  const bars = histogram(days, 100);
  assert.equal(bars.length, 100);
  assert.equal(bars.reduce((sum, bar) => sum + bar.count, 0), 800);
  assert.deepEqual([bars[0].from, bars[0].to, bars.at(-1).to], ["2026-01-01", "2026-01-04", "2027-02-04"]);
});

test("a filter's days become moments, the last day included", () => {
  const wire = g.wire({ ...g.NO_FILTER, from: "2026-02-27", to: "2026-02-28" });
  assert.equal(wire.since, "2026-02-27T00:00:00Z");
  assert.equal(wire.until, "2026-03-01T00:00:00Z");
  assert.equal(g.wire(g.NO_FILTER).until, null);
  assert.equal(g.filtered(g.NO_FILTER), false);
  assert.equal(g.filtered({ ...g.NO_FILTER, tags: ["x"] }), true);
});

test("log entries are found by level and by all words", () => {
  const entry = { id: 1, at: "", level: "warning", text: "Camera Улей stalled", origin: "server" };
  assert.ok(matches(entry, { level: "info", text: "улей camera" }));
  assert.ok(matches(entry, { level: "warning", text: "server" }));
  assert.ok(!matches(entry, { level: "error", text: "" }));
  assert.ok(!matches(entry, { level: "debug", text: "улей plant" }));
});

test("a synthetic address changes its size and nothing else", () => {
  assert.equal(s.withSize("synthetic://plant?seed=3&size=640x360", "1280x720"),
    "synthetic://plant?size=1280x720&seed=3");
  assert.equal(s.withSize("synthetic://plant", "640x360"), "synthetic://plant?size=640x360");
  assert.equal(s.sizeOf("synthetic://plant?size=640x360"), "640x360");
  assert.equal(s.sizeOf("synthetic://plant"), "1280x720");
});

test("the page's clock is compared over one round trip", () => {
  assert.deepEqual(clockOffset(1000, 5050, 1100), { offset_ms: 4000, uncertainty_s: 0.05 });
});

test("a file that is saved has the ending of its kind", () => {
  assert.equal(fileName({ name: "hives/hum.wav", media_type: "audio/wav" }), "hum.wav");
  assert.equal(fileName({ name: "recording", media_type: "video/webm" }), "recording.webm");
  assert.equal(fileName({ name: "Bench No. 3", media_type: "image/jpeg" }), "Bench No. 3.jpg");
});

function fakeModel() {
  const listeners = new Map();
  const sent = [];
  return {
    sent,
    on: (event, f) => listeners.set(event, f),
    off: (event) => listeners.delete(event),
    send: (content, _callbacks, buffers) => sent.push({ content, buffers }),
    tell: (content, buffers) => listeners.get("msg:custom")?.(content, buffers),
  };
}

test("answers reach who asked, also out of order", async () => {
  const model = fakeModel();
  const channel = new Wire(model).panel("gallery");
  const first = channel.call("page", { offset: 0 });
  const second = channel.call("page", { offset: 100 });
  const [a, b] = model.sent.map((m) => m.content.id);
  model.tell({ re: b, ok: true, data: 2 }, []);
  model.tell({ re: "another-view-1", ok: true, data: 9 });
  model.tell({ re: a, ok: true, data: 1 }, ["bytes"]);
  assert.equal((await second).data, 2);
  assert.deepEqual(await first, { data: 1, buffers: ["bytes"] });
});

test("an error of the kernel rejects with its words", async () => {
  const model = fakeModel();
  const asked = new Wire(model).panel("x").call("y");
  model.tell({ re: model.sent[0].content.id, ok: false, error: { code: "refused", message: "no" } });
  await assert.rejects(asked, (error) => error instanceof CallError && error.message === "no"
    && error.code === "refused");
});

test("a call waits in silence only while nothing at all is heard", async (time) => {
  time.mock.timers.enable({ apis: ["Date"] });
  const model = fakeModel();
  const wire = new Wire(model);
  assert.equal(wire.silence(), 0);
  const slow = wire.panel("gallery").call("analyse");
  time.mock.timers.tick(9_000);
  assert.equal(wire.silence(), 9_000);
  model.tell({ panel: "desk", event: "job", data: {} });
  time.mock.timers.tick(1_000);
  assert.equal(wire.silence(), 1_000);
  model.tell({ re: model.sent[0].content.id, ok: true, data: 1 });
  assert.equal((await slow).data, 1);
  assert.equal(wire.silence(), 0);
});

test("a kernel that is gone is said to be, until it speaks", async () => {
  const model = { ...fakeModel(), get: () => "ru", send: () => { throw new Error("Kernel is dead"); } };
  const wire = new Wire(model);
  await assert.rejects(wire.panel("x").call("y"), (error) => error instanceof CallError
    && error.message === "Ядро остановлено" && error.code === "stopped");
  assert.deepEqual([wire.stopped, wire.silence()], [true, 0]);
  model.tell({ panel: "desk", event: "job", data: {} });
  assert.equal(wire.stopped, false);
});

test("events reach their panel only, until the view goes", async () => {
  const model = fakeModel();
  const wire = new Wire(model);
  const heard = [];
  wire.panel("log").on("entries", (data) => heard.push(data));
  model.tell({ panel: "log", event: "entries", data: 1 });
  model.tell({ panel: "cids", event: "entries", data: 2 });
  const asked = wire.panel("log").call("read");
  wire.close();
  model.tell({ panel: "log", event: "entries", data: 3 });
  assert.deepEqual(heard, [1]);
  await assert.rejects(asked, Gone);
});
