// Where things are in a sound's picture: views, axes, tiles, boxes.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const v = await load("spectrogram-viewer/view.ts");
const a = await load("spectrogram-viewer/axes.ts");
const g = await load("spectrogram-viewer/grid.ts");
const b = await load("spectrogram-viewer/boxes.ts");

const DAY = { duration: 86_400, nyquist: 24_000 };
const TILES = { columns: 512, rows: 128, base_s: 0.17067, levels: 11, low_hz: 0, high_hz: 24_000,
  row_hz: [], db_low: -100, db_high: -20, duration_s: 86_400 };
const near = (x, y, by = 1e-6) => assert.ok(Math.abs(x - y) < by, `${x} is not ${y}`);

test("mel is Slaney's and has an inverse", () => {
  near(v.mel(1000), 15);
  near(v.mel(6400), 42);
  for (const hz of [0, 440, 999, 1001, 12_345]) near(v.hertz(v.mel(hz)), hz, 1e-6);
});

test("pixels and places are inverse to each other on both scales", () => {
  for (const scale of ["mel", "linear"]) {
    const p = new v.Projection({ start: 10, end: 30, low: 200, high: 9000 }, 800, 300, scale);
    near(p.x(10), 0);
    near(p.x(30), 800);
    near(p.y(9000), 0);
    near(p.y(200), 300);
    near(p.time(p.x(17.5)), 17.5);
    near(p.hz(p.y(3210)), 3210);
  }
});

test("zooming keeps what is under the pointer, down to hundredths of a second", () => {
  let view = v.whole(DAY);
  for (let i = 0; i < 60; i++) {
    const before = new v.Projection(view, 1000, 300, "mel").x(43_210.5);
    view = v.zoomTime(view, 1.3, 43_210.5, DAY);
    near(new v.Projection(view, 1000, 300, "mel").x(43_210.5), before, 0.01);
  }
  near(view.end - view.start, v.SHORTEST_S);
  for (let i = 0; i < 90; i++) view = v.zoomTime(view, 1 / 1.3, 43_210.5, DAY);
  assert.deepEqual(view, v.whole(DAY));
});

test("zooming in frequency keeps the frequency and stays within the sound", () => {
  const view = v.zoomFrequency(v.whole(DAY), 2, 4000, DAY, "mel");
  const y = (of) => new v.Projection(of, 100, 300, "mel").y(4000);
  near(y(view), y(v.whole(DAY)));
  assert.deepEqual(v.zoomFrequency(view, 0.01, 4000, DAY, "mel"), v.whole(DAY));
});

test("panning stops at the ends and keeps the span", () => {
  const view = { start: 100, end: 200, low: 1000, high: 3000 };
  assert.deepEqual(v.pan(view, 0.5, 0, DAY, "linear"), { ...view, start: 150, end: 250 });
  assert.deepEqual(v.pan(view, -9, 0, DAY, "linear"), { ...view, start: 0, end: 100 });
  assert.deepEqual(v.pan(view, 0, -9, DAY, "linear"), { ...view, low: 0, high: 2000 });
});

test("a sound of nothing still has a view", () => {
  const nothing = { duration: 0, nyquist: 500 };
  const view = v.bound({ start: 5, end: 9, low: -3, high: 9e9 }, nothing);
  assert.deepEqual([view.start, view.low, view.high], [0, 0, 500]);
  assert.ok(view.end > 0);
});

test("the page turns with what is heard, unless one looks elsewhere", () => {
  const view = { start: 100, end: 200, low: 0, high: 1000 };
  assert.equal(v.follow(view, 150, 160, DAY), view);
  assert.equal(v.follow(view, 198, 199, DAY).start, 189);
  assert.equal(v.follow(view, 300, 301, DAY), view);
  assert.equal(v.follow(view, null, 5000, DAY).start, 4990);
});

test("a box is shown by moving, by zooming out when it is long, in when it would be a sliver", () => {
  const view = { start: 0, end: 10, low: 0, high: 1000 };
  assert.equal(v.goTo(view, { start: 3, end: 4 }, DAY), view);
  assert.deepEqual(v.goTo(view, { start: 50, end: 52 }, DAY), { ...view, start: 46, end: 56 });
  const wide = v.goTo(view, { start: 50, end: 90 }, DAY);
  assert.ok(wide.start < 50 && wide.end > 90);
  const close = v.goTo(v.whole(DAY), { start: 43_000, end: 43_001 }, DAY);
  assert.deepEqual([close.start, close.end], [42_990.5, 43_010.5]);
});

test("times have as many decimals as their steps need", () => {
  assert.equal(a.clockText(3725, 1), "1:02:05");
  assert.equal(a.clockText(59.999, 0.1), "1:00.0");
  assert.equal(a.clockText(0.0125, 0.001), "0:00.013");
});

test("ticks stand at round times inside the view", () => {
  const p = new v.Projection({ start: 59.7, end: 64.2, low: 0, high: 1 }, 500, 100, "linear");
  assert.deepEqual(a.timeTicks(p).map((t) => t.text), ["1:00", "1:01", "1:02", "1:03", "1:04"]);
});

test("the clock on the wall shows the date at midnight", () => {
  const started = Date.UTC(2026, 4, 3, 23, 58, 30);
  const p = new v.Projection({ start: 0, end: 180, low: 0, high: 1 }, 400, 100, "linear");
  assert.deepEqual(a.wallTicks(p, started, "UTC").map((t) => [t.at, t.text]),
    [[30, "23:59"], [90, "2026-05-04"], [150, "00:01"]]);
  assert.equal(a.momentText(started + 1500, "UTC", 0.1), "2026-05-03 23:58:31.5");
});

test("the clock on the wall is put forward and back in sight", () => {
  process.env.TZ = "Europe/Berlin";
  const ticks = (started) => a.wallTicks(new v.Projection({ start: 0, end: 10_800, low: 0, high: 1 }, 400, 100, "linear"),
    started, "local").map((t) => [t.at / 3600, t.text]);
  assert.deepEqual(ticks(Date.UTC(2026, 2, 29)), [[0, "01:00"], [1, "03:00"], [2, "04:00"], [3, "05:00"]]);
  assert.deepEqual(ticks(Date.UTC(2026, 9, 25)), [[0, "02:00"], [1, "02:00"], [2, "03:00"], [3, "04:00"]]);
  delete process.env.TZ;
});

test("frequency ticks are round, apart, and read as people say them", () => {
  const wide = new v.Projection(v.whole(DAY), 100, 400, "mel");
  const ticks = a.frequencyTicks(wide, "en-GB");
  assert.deepEqual(ticks.map((t) => t.text).filter(Boolean), ["0 Hz", "250 Hz", "500 Hz", "1 kHz", "1.5 kHz",
    "2 kHz", "3 kHz", "4 kHz", "5 kHz", "8 kHz", "10 kHz", "15 kHz", "20 kHz"]);
  assert.deepEqual(ticks.filter((t) => !t.text).map((t) => t.at).filter((hz) => hz > 1000), [6000, 7000, 9000]);
  const close = new v.Projection({ start: 0, end: 1, low: 2100, high: 2900 }, 100, 200, "linear");
  assert.deepEqual(a.frequencyTicks(close, "en-GB").map((t) => t.text), ["2.2 kHz", "2.4 kHz", "2.6 kHz", "2.8 kHz"]);
  assert.equal(a.hertzText(1500, "ru-RU"), "1,5 кГц");
});

test("the overview's columns are about a pixel wide, at every zoom", () => {
  for (const span of [500, 3000, 20_000, 86_400]) {
    const p = new v.Projection({ start: 0, end: span, low: 0, high: 24_000 }, 1000, 300, "mel");
    const { keys, detail } = g.choose(p, TILES, DAY, true);
    assert.equal(detail, false);
    const column = TILES.base_s * 2 ** keys[0].level;
    const pixels = column / p.secondsPerPixel;
    assert.ok(pixels > 0.69 && pixels < 1.45, `${pixels} pixels at ${span} s`);
    assert.ok(keys.length <= 5);
  }
});

test("detail tiles cover the view and are short enough to be asked for", () => {
  for (const scale of ["mel", "linear"]) {
    const view = { start: 1000.2, end: 1004.9, low: 300, high: 20_000 };
    const { keys, detail } = g.choose(new v.Projection(view, 1200, 400, scale), TILES, DAY, true);
    assert.equal(detail, true);
    assert.ok(keys.length <= 16, `${keys.length}`);
    const places = keys.map((key) => g.extent(key, TILES, DAY));
    for (const place of places) assert.ok(place.end - place.start <= 60);
    for (let t = view.start; t < view.end; t += 0.37) {
      for (let hz = view.low; hz < view.high; hz += 777) {
        const over = places.filter((p) => p.start <= t && p.end > t && p.low <= hz && p.high > hz);
        assert.equal(over.length, 1);
      }
    }
  }
});

test("without an overview a short view is made of detail, a long one waits", () => {
  const at = (span) => g.choose(new v.Projection({ start: 0, end: span, low: 0, high: 24_000 }, 1000, 300, "mel"), TILES, DAY, false);
  assert.equal(at(120).detail, true);
  assert.ok(at(120).keys.length > 0);
  assert.deepEqual(at(86_400).keys, []);
});

test("the next tiles are fetched ahead, never those past the ends", () => {
  const keys = [{ kind: "overview", level: 3, index: 0 }, { kind: "overview", level: 3, index: 1 }];
  assert.deepEqual(g.ahead(keys, TILES, DAY).map(g.name), ["o3/2", "o4/0"]);
  const top = [{ kind: "overview", level: 10, index: 0 }];
  assert.deepEqual(g.ahead(top, TILES, DAY), []);
});

test("the smallest box under the pointer is meant", () => {
  const rects = [["large", { x: 0, y: 0, w: 100, h: 100 }], ["small", { x: 40, y: 40, w: 10, h: 10 }]];
  assert.equal(b.hit(rects, 45, 45, 2), "small");
  assert.equal(b.hit(rects, 20, 20, 2), "large");
  assert.equal(b.hit(rects, 300, 20, 2), null);
});

test("handles lie on the edges, and the middle of a small box still moves it", () => {
  const rect = { x: 100, y: 100, w: 60, h: 40 };
  assert.deepEqual(b.gripAt(rect, 160, 120, 6), { left: false, right: true, top: false, bottom: false });
  assert.equal(b.cursorOf(b.gripAt(rect, 100, 100, 6)), "nwse-resize");
  assert.equal(b.cursorOf(b.gripAt(rect, 160, 100, 6)), "nesw-resize");
  assert.equal(b.cursorOf(b.gripAt({ x: 0, y: 0, w: 12, h: 12 }, 6, 6, 6)), "move");
  assert.equal(b.gripAt(rect, 200, 120, 6), null);
});

const P = new v.Projection({ start: 0, end: 10, low: 0, high: 10_000 }, 1000, 500, "linear");
const LIMITS = { duration: 10, nyquist: 10_000 };
const BOX = { start: 2, end: 4, low_hz: 1000, high_hz: 3000, label: "toot", score: 1 };
const grip = (sides) => ({ left: false, right: false, top: false, bottom: false, ...sides });

test("dragging an edge resizes, also across the other edge", () => {
  const wider = b.dragged(BOX, grip({ right: true }), P, LIMITS, 400, 0, 550, 0);
  assert.deepEqual([wider.start, wider.end, wider.low_hz], [2, 5.5, 1000]);
  const turned = b.dragged(BOX, grip({ left: true }), P, LIMITS, 200, 0, 600, 0);
  assert.deepEqual([turned.start, turned.end], [4, 6]);
  const taller = b.dragged(BOX, grip({ top: true }), P, LIMITS, 0, 350, 0, -900);
  assert.equal(taller.high_hz, 10_000);
});

test("dragging the middle moves a box, whole, up to the ends of the sound", () => {
  const all = grip({ left: true, right: true, top: true, bottom: true });
  const moved = b.dragged(BOX, all, P, LIMITS, 300, 400, -900, 9999);
  assert.deepEqual([moved.start, moved.end, Math.round(moved.low_hz), Math.round(moved.high_hz)], [0, 2, 0, 2000]);
});

test("a box dragged open in any direction lies within the sound", () => {
  const box = b.between(P, LIMITS, 700, 400, -50, 9000);
  assert.deepEqual([box.start, box.end, box.low_hz, Math.round(box.high_hz)], [0, 7, 0, 2000]);
});
