import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const f = await load("lib/format.ts");
const { translator } = await load("lib/i18n.ts");
const { metricName, unitName } = await load("lib/findings.ts");

test("sizes have three digits and the units of the language", () => {
  assert.equal(f.bytes(999), "999 B");
  assert.equal(f.bytes(1500), "1.5 kB");
  assert.equal(f.bytes(123_456_789), "123 MB");
  assert.equal(f.bytes(2_100_000_000, "ru-RU"), "2,1 ГБ");
});

test("times of recordings", () => {
  assert.equal(f.duration(75.9), "1:15");
  assert.equal(f.duration(3675), "1:01:15");
  assert.equal(f.duration(-1), "0:00");
  assert.equal(f.playtime(0.208), "0.2 s");
  assert.equal(f.playtime(3, "ru-RU"), "3,0 с");
  assert.equal(f.playtime(61), "1:01");
});

test("a CID keeps its ends", () => {
  assert.equal(f.shortCid("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"), "bafkreig…4s52zy");
  assert.equal(f.shortCid("short"), "short");
});

test("moments are written in the language, in the zone asked for", () => {
  const at = "2026-11-22T09:05:03.250Z";
  assert.equal(f.moment(at, "en-GB", "UTC"), "22 Nov 2026, 09:05:03");
  assert.match(f.moment(at, "ru-RU", "UTC"), /^22 нояб\. 2026 г\., 09:05:03$/);
  assert.equal(f.day("2026-05-01"), "1 May 2026");
});

test("how long ago", () => {
  const t = translator("en");
  const now = Date.parse("2026-11-22T10:00:00Z");
  assert.equal(f.ago("2026-11-22T09:59:57Z", t, now), "3 s ago");
  assert.equal(f.ago("2026-11-22T09:50:00Z", t, now), "10 min ago");
  assert.equal(f.ago("2026-11-22T10:00:09Z", t, now), "0 s ago", "clocks may differ");
});

test("numbers have the digits that matter", () => {
  assert.equal(f.measure(0), "0");
  assert.equal(f.measure(2.756789), "2.76");
  assert.equal(f.measure(12345.6), "12,346");
  assert.equal(f.measure(0.000012), "1.20e-5");
  assert.equal(f.measure(NaN), "–");
  assert.equal(f.percent(0.995), "100 %");
  assert.deepEqual([0, 0.0001, 0.0049, 0.005].map(f.percent), ["0 %", "<1 %", "<1 %", "1 %"]);
});

test("what was measured is told in the language, also in units made of several", () => {
  const [en, ru] = [translator("en"), translator("ru")];
  assert.deepEqual(["s", "Hz", "px/s", "cm²", "%", ""].map((unit) => unitName(unit, ru)),
    ["с", "Гц", "пикс./с", "см²", "%", ""]);
  assert.deepEqual(["dBFS", "px/s", "constructor"].map((unit) => unitName(unit, en)),
    ["dBFS", "px/s", "constructor"]);
  assert.equal(unitName("leaves", ru), "leaves", "those of other people's analyzers stay");
  assert.equal(metricName("sample_rate", ru), "частота дискретизации");
  assert.equal(f.fixed(0.25, 2, "ru-RU"), "0,25");
});

test("film sizes are even and keep the shape", () => {
  assert.deepEqual(f.fitWidth(4000, 3000, 640), [640, 480]);
  assert.deepEqual(f.fitWidth(1000, 333, 641), [642, 214]);
  assert.equal(f.filmSeconds(48, 24), 2);
  assert.equal(f.filmSeconds(48, 0), 0);
});
