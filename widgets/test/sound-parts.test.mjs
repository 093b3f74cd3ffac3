// Tiles, colours, events, annotations, playing: the parts of the viewer that need no page.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const c = await load("spectrogram-viewer/colours.ts");
const p = await load("spectrogram-viewer/picture.ts");
const { Queue } = await load("spectrogram-viewer/queue.ts");
const e = await load("spectrogram-viewer/events.ts");
const { Marks } = await load("spectrogram-viewer/marks.ts");
const { History } = await load("spectrogram-viewer/history.ts");
const w = await load("spectrogram-viewer/wav.ts");
const play = await load("spectrogram-viewer/playback.ts");
const { envelope } = await load("spectrogram-viewer/waves.ts");
const { Projection } = await load("spectrogram-viewer/view.ts");
const { actionFor } = await load("spectrogram-viewer/keys.ts");
const { suggest } = await load("spectrogram-viewer/label.ts");
const { parameter } = await load("spectrogram-viewer/detect.ts");
const { withBound } = await load("spectrogram-viewer/inspector.ts");

const { Session } = await load("spectrogram-viewer/session.ts");
const { follow } = await load("spectrogram-viewer/view.ts");
const { outcome } = await load("spectrogram-viewer/exchange.ts");
const { translator } = await load("lib/i18n.ts");
const mic = await load("spectrogram-viewer/samples.ts");
const { Microphone } = await load("spectrogram-viewer/microphone.ts");
const { Player } = await load("spectrogram-viewer/player.ts");
const { Cleanup } = await load("lib/dom.ts");

const settle = () => new Promise((resolve) => setTimeout(resolve));

test("greys become colours between the chosen levels", () => {
  const look = { map: "grey", inverted: false, low: -80, high: -40 };
  const table = c.table(look, -100, -20);
  assert.equal(table[0], 0xff000000);
  assert.equal(table[255], 0xffffffff);
  assert.equal(table[127] & 255, 127);
  assert.equal(c.table({ ...look, inverted: true }, -100, -20)[0], 0xffffffff);
  assert.deepEqual(c.colour("viridis", 1), [0xfd, 0xe7, 0x25]);
});

test("an overview row lies where its mel centre is", () => {
  const centres = [100, 200, 400, 800];
  assert.equal(p.rowAt(centres, 300), 1.5);
  assert.equal(p.rowAt(centres, 5), 0);
  assert.equal(p.rowAt(centres, 9e9), 3);
});

test("a detail tile on its own scale is painted row by row, with its highest above", () => {
  const place = { start: 0, end: 1, low: 0, high: 400 };
  const rows = p.rowsFor(place, 4, 4, "linear", null);
  assert.deepEqual([...rows], [0, 1, 2, 3]);
  const tile = { width: 2, height: 4, data: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]) };
  const colours = Uint32Array.from({ length: 256 }, (_, i) => i * 10);
  const out = new Uint32Array(8);
  p.paint(tile, rows, colours, out);
  assert.deepEqual([...out], [0, 10, 20, 30, 40, 50, 60, 70]);
  p.paint(tile, Float32Array.from([0.5, 1, 2, 2.5]), colours, out);
  assert.deepEqual([...out.slice(0, 2), ...out.slice(6)], [10, 20, 50, 60]);
});

test("an overview tile holds means above and the highest below", () => {
  const tile = { width: 1, height: 4, data: Uint8Array.from([1, 2, 3, 4]) };
  assert.deepEqual([...p.half(tile, false).data], [1, 2]);
  assert.deepEqual([...p.half(tile, true).data], [3, 4]);
});

function slow() {
  const open = new Map();
  const asked = [];
  const want = (key) => ({ key, load: () => {
    asked.push(key);
    return new Promise((resolve, reject) => open.set(key, { resolve, reject }));
  } });
  return { open, asked, want };
}

test("at most four requests fly, and what left sight is never asked for", async () => {
  const { open, asked, want } = slow();
  const queue = new Queue(10);
  queue.want(["a", "b", "c", "d", "e", "f"].map(want));
  assert.deepEqual(asked, ["a", "b", "c", "d"]);
  queue.want(["g", "b"].map(want));
  open.get("a").resolve(1);
  await settle();
  assert.deepEqual(asked, ["a", "b", "c", "d", "g"]);
  open.get("c").resolve(3);
  await settle();
  assert.equal(asked.length, 5);
  assert.deepEqual([queue.get("a"), queue.has("e")], [1, false]);
});

test("a request that failed is tried again only after a while", async () => {
  let now = 0;
  const { open, asked, want } = slow();
  const errors = [];
  const queue = new Queue(10, 4, () => now);
  queue.onerror = (error) => errors.push(error.message);
  queue.want([want("a")]);
  open.get("a").reject(new Error("no"));
  await settle();
  queue.want([want("a")]);
  assert.deepEqual([asked.length, errors], [1, ["no"]]);
  now = 5000;
  queue.want([want("a")]);
  assert.equal(asked.length, 2);
  queue.close();
});

test("a request that failed is tried again also when nobody asks, and told of once", async () => {
  const { open, asked, want } = slow();
  const errors = [];
  const queue = new Queue(10, 4, undefined, 1);
  queue.onerror = (error) => errors.push(error.message);
  const came = new Promise((resolve) => {
    queue.onready = () => (queue.has("a") ? resolve() : queue.want([want("a")]));
  });
  queue.want([want("a")]);
  for (let tries = 1; tries < 3; tries++) {
    while (asked.length < tries) await settle();
    open.get("a").reject(new Error("no"));
    await settle();
  }
  while (asked.length < 3) await settle();
  open.get("a").resolve(1);
  await came;
  assert.deepEqual([queue.get("a"), errors], [1, ["no"]]);
});

test("what was asked for before all was forgotten is asked for again", async () => {
  const { open, asked, want } = slow();
  const queue = new Queue(10);
  queue.onerror = assert.fail;
  queue.want(["a", "b"].map(want));
  queue.clear();
  open.get("a").resolve("old");
  open.get("b").reject(new Error("old"));
  await settle();
  assert.equal(queue.has("a"), false);
  queue.want(["a", "b"].map(want));
  assert.deepEqual(asked, ["a", "b", "a", "b"]);
  open.get("a").resolve("new");
  await settle();
  assert.equal(queue.get("a"), "new");
});

const EVENTS = new e.EventList({
  start: [5, 1, 9], end: [6, 4, 9.5], low: [100, null, 300], high: [200, null, 400],
  peak: [150, null, null], score: [7, 3, 5], snr: [1, 2, 3], label: ["b", "a", "c"],
});

test("events are in the order of time and found by span", () => {
  assert.deepEqual(EVENTS.boxes.map((box) => box.label), ["a", "b", "c"]);
  assert.deepEqual(EVENTS.places, [1, 0, 2]);
  const within = (start, end) => {
    const [first, last] = EVENTS.within(start, end);
    return EVENTS.boxes.slice(first, last).filter((box) => box.end >= start).map((box) => box.label);
  };
  assert.deepEqual(within(3, 5), ["a", "b"]);
  assert.deepEqual(within(6.5, 8), []);
});

test("the slider spreads over scores of any range, and back", () => {
  for (const [low, high] of [[4.5, 90], [0, 1], [3, 3]]) {
    const scale = e.sliderScale(low, high);
    assert.ok(Math.abs(scale.toScore(0) - low) < 1e-9);
    if (high > low) {
      assert.ok(Math.abs(scale.toScore(1) - high) < 1e-9);
      assert.ok(Math.abs(scale.toShare(scale.toScore(0.3)) - 0.3) < 1e-9);
    }
  }
});

test("an annotation over an event stands for it", () => {
  const mark = { start: 5.1, end: 6.2, low_hz: 120, high_hz: 500, label: "x", score: 1 };
  assert.deepEqual([...e.annotated(EVENTS, [mark])], [0, 1, 0]);
  assert.deepEqual([...e.annotated(EVENTS, [{ ...mark, low_hz: 300 }])], [0, 0, 0]);
});

test("rows are sorted by any column, ties by time", () => {
  const rows = EVENTS.boxes.map((box) => ({ box }));
  const labels = (key, descending) => e.sorted(rows, key, descending).map(({ box }) => box.label).join("");
  assert.equal(labels("score", true), "bca");
  assert.equal(labels("length", false), "cba");
  assert.equal(labels("start", false), "abc");
});

test("undone steps can be done again until something else is done", () => {
  const history = new History();
  history.push({ forth: 1, back: -1 });
  history.push({ forth: 2, back: -2 });
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [-2, -1, undefined]);
  assert.equal(history.redo(), 1);
  history.push({ forth: 3, back: -3 });
  assert.deepEqual([history.canRedo, history.undo()], [false, -3]);
});

/** A lab that keeps annotations, and can refuse. */
function fakeLab() {
  const kept = new Map();
  const lab = { kept, ids: 100, refuse: false, calls: 0, revision: 0 };
  lab.told = () => ({ revision: (lab.revision += 1), annotations: [...kept].map(([id, box]) => ({ id, ...box })) });
  lab.save = async (add, change, remove) => {
    await settle();
    lab.calls += 1;
    if (lab.refuse) throw new Error("read-only");
    for (const id of remove) kept.delete(id);
    for (const [id, box] of Object.entries(change)) kept.set(Number(id), box);
    const added = add.map((box) => { kept.set((lab.ids += 1), box); return lab.ids; });
    const answer = { added, ...lab.told() };
    await lab.meanwhile?.();
    return answer;
  };
  return lab;
}
const box = (start, label = "") => ({ start, end: start + 1, low_hz: 10, high_hz: 20, label, score: 1 });
const saved = async (marks) => { while (marks.busy) await settle(); };
const starts = (lab) => [...lab.kept.values()].map((one) => one.start);

test("annotations are here at once and in the lab soon", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab);
  const [key] = marks.add([box(3)]);
  assert.equal(marks.all.length, 1);
  marks.change(key, box(3, "toot"));
  await saved(marks);
  assert.deepEqual([...lab.kept.values()].map((one) => one.label), ["toot"]);
  assert.deepEqual(marks.labels, ["toot"]);
});

test("undo and redo reach the lab, though ids change", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab);
  const [key] = marks.add([box(1)]);
  marks.change(key, box(2));
  marks.remove([key]);
  for (const expected of [[2], [1], []]) {
    marks.undo();
    await saved(marks);
    assert.deepEqual(starts(lab), expected);
  }
  for (const expected of [[1], [2], []]) {
    marks.redo();
    await saved(marks);
    assert.deepEqual(starts(lab), expected);
  }
  assert.equal(marks.canRedo, false);
});

test("what is not saved is undone in turn with the edits", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab);
  let rejected = false;
  marks.add([box(1)]);
  marks.record(() => { rejected = true; }, () => { rejected = false; });
  assert.equal(rejected, true);
  marks.undo();
  assert.deepEqual([rejected, marks.all.length], [false, 1]);
  marks.undo();
  await saved(marks);
  assert.deepEqual([marks.all.length, lab.kept.size], [0, 0]);
});

test("what the lab refuses is taken back, with all that was built on it", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab);
  marks.add([box(1)]);
  await saved(marks);
  lab.refuse = true;
  const errors = [];
  marks.onerror = (error) => errors.push(error.message);
  const [key] = marks.add([box(5)]);
  marks.change(key, box(6));
  await saved(marks);
  assert.deepEqual(errors, ["read-only"]);
  assert.deepEqual(marks.all.map((mark) => mark.box.start), [1]);
});

test("another view's changes come in, but not over an edit under way", async () => {
  const lab = fakeLab();
  lab.kept.set(7, box(1));
  const marks = new Marks(lab, lab.told());
  const [mark] = marks.all;
  lab.kept.set(7, box(2)).set(8, box(9));
  marks.replace(lab.told());
  assert.deepEqual(marks.all.map((one) => one.box.start), [2, 9]);
  assert.equal(marks.all[0].key, mark.key);
  marks.change(mark.key, box(4));
  marks.replace(lab.told());
  assert.deepEqual(marks.all.map((one) => one.box.start), [4, 9]);
  await saved(marks);
});

test("another view's change that overtakes the answer to an edit is seen", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab, lab.told());
  lab.meanwhile = () => {
    lab.kept.set(8, box(9));
    marks.replace(lab.told());
  };
  marks.add([box(1)]);
  await saved(marks);
  assert.deepEqual(marks.all.map((one) => one.box.start), [1, 9]);
});

test("what another view was told before an edit does not undo it", async () => {
  const lab = fakeLab();
  const marks = new Marks(lab, lab.told());
  const late = lab.told();
  marks.add([box(1)]);
  await saved(marks);
  marks.replace(late);
  assert.equal(marks.all.length, 1);
});

test("what another view did while an edit was refused is made up for", async () => {
  const lab = fakeLab();
  lab.kept.set(7, box(1));
  const marks = new Marks(lab, lab.told());
  marks.onerror = () => {};
  lab.kept.set(7, box(2));
  lab.refuse = true;
  marks.add([box(5)]);
  marks.replace(lab.told());
  await saved(marks);
  assert.deepEqual(marks.all.map((one) => one.box.start), [2]);
});

function wav(values, rate) {
  const view = new DataView(new ArrayBuffer(58 + 2 * values.length));
  const text = (at, name) => [...name].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); text(8, "WAVE"); text(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint32(24, rate, true);
  text(36, "LIST"); view.setUint32(40, 5, true); // of odd length: a byte of padding follows
  text(50, "data"); view.setUint32(54, 2 * values.length, true);
  values.forEach((value, i) => view.setInt16(58 + 2 * i, value, true));
  return view;
}

test("samples are read from a WAV, other chunks passed over", () => {
  const { rate, data } = w.readWav(wav([0, 16_384, -32_768], 250_000));
  assert.equal(rate, 250_000);
  assert.deepEqual([...data], [0, 0.5, -1]);
  assert.throws(() => w.readWav(new DataView(new ArrayBuffer(60))));
});

test("fewer samples keep what can be heard and lose what would fold back", () => {
  const rate = 192_000;
  const tone = (hz) => ({ rate, data: Float32Array.from({ length: 19_200 }, (_, i) => Math.sin(2 * Math.PI * hz * i / rate)) });
  const loudness = ({ data }) => Math.sqrt(data.slice(200, -200).reduce((sum, x) => sum + x * x, 0) / (data.length - 400));
  assert.ok(Math.abs(loudness(w.decimate(tone(5000), 4)) - Math.SQRT1_2) < 0.01);
  assert.ok(loudness(w.decimate(tone(40_000), 4)) < 0.003);
  assert.equal(w.decimate(tone(5000), 4).rate, 48_000);
  assert.deepEqual([w.decimation(384_000, 1, 48_000), w.decimation(384_000, 0.1, 48_000), w.decimation(48_000, 1, 48_000)], [8, 1, 1]);
});

test("a course is played piece by piece without gaps, around in a loop", () => {
  const all = [...play.pieces({ from: 2, stretch: { start: 0, end: 10 }, loop: false }, 1)];
  assert.equal(all[0].start, 2);
  assert.equal(all.at(-1).end, 10);
  all.slice(1).forEach((piece, i) => assert.equal(piece.start, all[i].end));
  const loop = play.pieces({ from: 1.25, stretch: { start: 1, end: 1.5 }, loop: true }, 1);
  const first = Array.from({ length: 4 }, () => loop.next().value);
  assert.deepEqual(first, [{ start: 1.25, end: 1.5 }, { start: 1, end: 1.5 }, { start: 1, end: 1.5 }, { start: 1, end: 1.5 }]);
});

test("the cursor follows the device's time, slowed down and looped", () => {
  const placed = [{ start: 4, end: 5, at: 100 }, { start: 4, end: 5, at: 110 }];
  assert.equal(play.positionAt(placed, 105, 0.1), 4.5);
  assert.equal(play.positionAt(placed, 111, 0.1), 4.1);
  assert.equal(play.positionAt(placed, 99, 0.1), 4);
  assert.equal(play.positionAt([], 99, 1), null);
});

test("the wave form takes the lowest and highest under each pixel", () => {
  const tiles = { columns: 4, base_s: 1 };
  const pieces = { "0/0": Int8Array.from([-1, 1, -2, 2, -3, 3, -4, 4]), "0/1": Int8Array.from([-9, 9]) };
  const pixels = new Projection({ start: 0, end: 8, low: 0, high: 1 }, 4, 1, "linear");
  const { low, high } = envelope(pixels, tiles, 0, (level, index) => pieces[`${level}/${index}`]);
  assert.deepEqual([...low], [-2, -4, -9, NaN]);
  assert.deepEqual([...high], [2, 4, 9, NaN]);
});

test("keys mean the same on a Russian keyboard", () => {
  const press = (key, code, held = {}) => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
  const done = [];
  const actions = new Proxy({}, { get: (_, name) => (...args) => done.push([name, ...args]) });
  for (const one of [press("n", "KeyN"), press("т", "KeyN"), press(" ", "Space"), press("я", "KeyZ", { ctrlKey: true }),
    press("Z", "KeyZ", { ctrlKey: true, shiftKey: true }), press("ArrowRight", "ArrowRight")]) actionFor(one)(actions);
  assert.deepEqual(done, [["step", 1], ["step", 1], ["play"], ["undo"], ["redo"], ["pan", 0.2, 0]]);
  assert.equal(actionFor(press("c", "KeyC", { ctrlKey: true })), null);
});

test("labels in use are offered, those that begin so first", () => {
  assert.deepEqual(suggest(["quack", "toot", "tooting", "quiet toot"], "too"), ["toot", "tooting", "quiet toot"]);
  assert.deepEqual(suggest(["toot"], "Toot"), []);
});

test("what is typed becomes the kind of the default", () => {
  assert.equal(parameter("3.5", 4.5), 3.5);
  assert.deepEqual(parameter("200, 2000", null, true), [200, 2000]);
  assert.deepEqual([parameter("6,5", null), parameter("-6,5", 4.5), parameter("6,5", "")], [6.5, -6.5, "6,5"]);
  assert.deepEqual(parameter("200–2000", [0, 1]), [200, 2000]);
  assert.equal(parameter("", null), undefined);
  assert.equal(parameter("pcen", "bands"), "pcen");
  assert.equal(parameter("nonsense", 2), 2);
});

test("numbers keep a box in order and within the sound", () => {
  const one = { start: 1, end: 2, low_hz: 100, high_hz: 200, label: "", score: 1 };
  assert.equal(withBound(one, "start", 5, 10, 1000).start, 2);
  assert.equal(withBound(one, "end", 50, 10, 1000).end, 10);
  assert.equal(withBound(one, "high_hz", 5000, 10, 1000).high_hz, 1000);
  assert.equal(withBound(one, "low_hz", NaN, 10, 1000), one);
});

test("samples of a microphone become 16 bits, and what is too loud is cut off", () => {
  const bytes = mic.sixteenBits(Float32Array.from([0, 0.5, -1, 2]));
  assert.deepEqual([...new Int16Array(bytes)], [0, 16384, -32767, 32767]);
  assert.equal(mic.peak(Float32Array.from([0.1, -0.7])), Math.fround(0.7));
  assert.deepEqual([0, 0.001, 1].map(mic.fullness), [0, 0, 1]);
});

test("a recording began when its most punctual block says", () => {
  const start = new mic.Start(1000);
  start.came(100, 5130); // 30 ms late
  start.came(100, 5205);
  start.came(100, 5350);
  assert.equal(start.ms, 5005);
  assert.equal(start.spread_s, 0.045);
});

/** A session of a sound in which each analysis finds an "a" and a "b". */
function opened(saved) {
  const channel = { on: () => () => {}, call: async (action, args) => {
    if (action === "events") {
      return { data: { start: [5, 1], end: [6, 2], low: [null, null], high: [null, null],
        peak: [null, null], score: [4, 3], snr: [null, null], label: ["b", "a"] } };
    }
    saved.push(...args.add.map((box, i) => ({ ...box, id: saved.length + i + 1 })));
    return { data: { revision: saved.length, annotations: [...saved], added: saved.slice(-args.add.length).map(({ id }) => id) } };
  } };
  return new Session({ id: 1, sr: 8000, duration_s: 9, ready: true, analyses: [], revision: 0, annotations: [],
    tiles: { columns: 512, rows: 256, base_s: 0.1, levels: 1, row_hz: [1, 2] } }, channel, null, assert.fail);
}

test("an event is accepted once, however often one asks", async () => {
  const saved = [];
  const session = opened(saved);
  await session.show("x");
  const accept = (...indices) => session.accept(indices, (box) => box.label);
  accept(0);
  assert.deepEqual(session.selected, { kind: "mark", key: 1 });
  accept(0, 1);
  accept(0, 1);
  while (session.marks.busy) await settle();
  assert.deepEqual([saved.map(({ label }) => label), session.eventRows.length], [["a", "b"], 0]);
  assert.equal(session.isOpen(1), false);
});

test("what was rejected stays so when another analysis was shown meanwhile", async () => {
  const session = opened([]);
  const listed = () => session.eventRows.map(({ box }) => box.label);
  await session.show("x");
  const back = session.reject(0);
  assert.deepEqual([listed(), session.rejectedPlaces], [["b"], [1]]);
  await session.show("y");
  assert.deepEqual(listed(), ["a", "b"]);
  session.marks.undo();
  await session.show("x");
  assert.deepEqual(listed(), ["a", "b"]);
  session.marks.redo();
  assert.deepEqual(listed(), ["b"]);
  back();
  assert.deepEqual(listed(), ["a", "b"]);
});

/** As much of Web Audio as playing takes. */
function silentAudio() {
  const node = { gain: {}, connect() {}, disconnect() {}, start() {}, stop() {} };
  return {
    AudioContext: class {
      sampleRate = 48_000;
      currentTime = 0;
      async resume() {}
      async close() {}
      createGain() { return node; }
      createBuffer() { return { copyToChannel() {} }; }
    },
    AudioBufferSourceNode: class { connect() {} disconnect() {} start() {} stop() {} },
  };
}

test("what was fetched of one channel is not played as another", async () => {
  Object.assign(globalThis, silentAudio());
  const player = new Player();
  player.onerror = assert.fail;
  const fetched = [];
  for (const track of [0, 1, 1]) {
    const fetch = async () => { fetched.push(track); return wav([0, 1], 8000); };
    void player.play({ id: 1, track, duration: 0.5, fetch }, 0, { start: 0, end: 0.5 }, false);
    await settle();
  }
  player.close();
  assert.deepEqual(fetched, [0, 1]);
});

/** A view whose browser asks for permission until `allow` is called. */
function asking() {
  const browser = { asked: 0, stopped: [] };
  const track = { stop: () => browser.stopped.push("track"), getSettings: assert.fail };
  const getUserMedia = () => new Promise((resolve) => {
    browser.asked += 1;
    browser.allow = () => resolve({ getTracks: () => [track], getAudioTracks: () => [track] });
  });
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: { getUserMedia } } });
  globalThis.removeEventListener ??= () => {};
  browser.context = { model: { on() {}, off() {} }, lasting: new Cleanup(), memory: new Map() };
  return browser;
}

test("permission that comes when the view has gone opens no microphone", async () => {
  const browser = asking();
  const microphone = Microphone.of(browser.context);
  const recorded = microphone.record(translator("en"));
  browser.context.lasting.run();
  browser.allow();
  await assert.rejects(recorded);
  assert.deepEqual([browser.stopped, microphone.recording], [["track"], false]);
});

test("a microphone is asked for once, also when its view is drawn anew meanwhile", async () => {
  const browser = asking();
  const { context } = browser;
  const recorded = ["en", "ru"].map((language) => Microphone.of(context).record(translator(language)));
  assert.equal(browser.asked, 1);
  context.lasting.run();
  browser.allow();
  for (const one of recorded) await assert.rejects(one);
  assert.deepEqual(browser.stopped, ["track"]);
});

test("a picture that glides keeps what is heard in its middle", () => {
  const view = { start: 0, end: 10, low: 0, high: 1 };
  const limits = { duration: 100, nyquist: 1 };
  assert.equal(follow(view, 3, 4, limits), view);
  assert.deepEqual([4, 50].map((now) => follow(view, now, now, limits, true).start), [0, 0]);
  assert.equal(follow(view, 7, 8, limits, true).start, 3);
});

test("what came of a table is told in full", () => {
  const some = { annotations: [], added: [1, 2], changed: 0, known: 1, named: "" };
  const t = translator("en");
  assert.equal(outcome(some, t), "2 annotations added, known: 1");
  assert.match(outcome({ ...some, named: "b.wav" }, t), /by its own account: b\.wav$/);
});
