/** Where the ticks of the axes stand and what they say. Pure functions. */
import type { Projection } from "./view";

export interface Tick {
  readonly at: number;
  readonly text: string;
}

const STEPS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
];

/** The shortest round step that leaves `room` pixels between ticks. */
function timeStep(secondsPerPixel: number, room: number): number {
  return STEPS_S.find((step) => step / secondsPerPixel >= room) ?? STEPS_S.at(-1)!;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Seconds as h:mm:ss or m:ss, with as many decimals as the step needs. */
export function clockText(seconds: number, step: number): string {
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  const scale = 10 ** digits;
  const parts = Math.round(Math.abs(seconds) * scale);
  const total = Math.floor(parts / scale);
  const fraction = digits ? `.${String(parts % scale).padStart(digits, "0")}` : "";
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const sign = seconds < 0 && parts ? "−" : "";
  const head = hours ? `${hours}:${two(minutes)}` : String(minutes);
  return `${sign}${head}:${two(total % 60)}${fraction}`;
}

/** Ticks in the time of the file. */
export function timeTicks(projection: Projection, room = 84): Tick[] {
  const { view } = projection;
  const step = timeStep(projection.secondsPerPixel, room);
  const found: Tick[] = [];
  for (let n = Math.ceil(view.start / step - 1e-9); n * step <= view.end + 1e-9; n++) {
    found.push({ at: n * step, text: clockText(n * step, step) });
  }
  return found;
}

export type Zone = "UTC" | "local";

/** Minutes that local time is ahead of UTC at a moment. */
const offsetMinutes = (ms: number, zone: Zone): number =>
  zone === "UTC" ? 0 : -new Date(ms).getTimezoneOffset();

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Ticks in the time of the clock on the wall; midnight shows the date. */
export function wallTicks(projection: Projection, startedMs: number, zone: Zone, room = 84): Tick[] {
  const { view } = projection;
  const step = timeStep(projection.secondsPerPixel, room);
  const [first, last] = [startedMs + view.start * 1000, startedMs + view.end * 1000];
  const found: Tick[] = [];
  // Summer time may begin or end in sight: each tick is of the time that is kept there.
  for (const minutes of new Set([first, last].map((ms) => offsetMinutes(ms, zone)))) {
    const ahead = minutes * 60_000;
    for (let n = Math.ceil((first + ahead) / (step * 1000) - 1e-9); ; n++) {
      const wall = n * step * 1000;
      const at = (wall - ahead - startedMs) / 1000;
      if (at > view.end + 1e-9) break;
      if (offsetMinutes(wall - ahead, zone) !== minutes) continue;
      found.push({ at, text: wall % 86_400_000 === 0 ? isoDay(wall) : wallText(wall, step) });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The day on which a view begins. */
export const wallDay = (ms: number, zone: Zone): string =>
  isoDay(ms + offsetMinutes(ms, zone) * 60_000);

function wallText(wall: number, step: number): string {
  const seconds = (((wall % 86_400_000) + 86_400_000) % 86_400_000) / 1000;
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  const parts = Math.round(seconds * 10 ** digits);
  const whole = Math.floor(parts / 10 ** digits);
  const clock = `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}`;
  if (step >= 60) return clock;
  const fraction = digits ? `.${String(parts % 10 ** digits).padStart(digits, "0")}` : "";
  return `${clock}:${two(whole % 60)}${fraction}`;
}

/** A moment of the wall clock in full, to the millisecond when zoomed that far. */
export function momentText(ms: number, zone: Zone, step: number): string {
  const wall = ms + offsetMinutes(ms, zone) * 60_000;
  return `${isoDay(wall)} ${wallText(wall, Math.min(step, 1))}`;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format is slow, and axes are drawn at each frame. */
function numberFormat(locale: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${digits}`;
  const found = formats.get(key) ?? new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  formats.set(key, found);
  return found;
}

/** 440 → "440 Hz", 12345 → "12.3 kHz". */
export function hertzText(hz: number, locale = "en-GB", step = 0): string {
  const russian = locale.startsWith("ru");
  if (hz < 1000 && !(step >= 1000)) return `${Math.round(hz)} ${russian ? "Гц" : "Hz"}`;
  const digits = step ? Math.max(0, Math.ceil(-Math.log10(step / 1000) - 1e-9)) : 2;
  const text = numberFormat(locale, Math.min(3, digits)).format(hz / 1000);
  return `${text} ${russian ? "кГц" : "kHz"}`;
}

const ROUND = [1, 2, 5];
/** What may stand between the labels at 1, 2, 5 where there is room, the roundest first. */
const BETWEEN = [3, 8, 4, 6, 1.5, 2.5];

/** Ticks of frequency, at least `room` pixels apart, lowest first; those without text are minor. */
export function frequencyTicks(projection: Projection, locale: string, room = 30): Tick[] {
  const { view } = projection;
  const found: Tick[] = [];
  const add = (hz: number, step: number, apart = room): void => {
    const y = projection.y(hz);
    if (found.some((one) => Math.abs(projection.y(one.at) - y) < apart * 0.98)) return;
    found.push({ at: hz, text: hertzText(hz, locale, step) });
  };
  // Many octaves on a mel scale have ticks at 1, 2 and 5; what is even has even steps.
  if (projection.scale === "mel" && view.high > 8 * Math.max(view.low, 100)) {
    if (view.low <= 0) add(0, 0);
    const powers = [10, 100, 1000, 10_000, 100_000, 1_000_000];
    const inView = (factors: readonly number[]): number[] => factors
      .flatMap((factor) => powers.map((power) => factor * power))
      .filter((hz) => hz >= view.low && hz <= view.high);
    for (const hz of inView(ROUND).sort((one, other) => one - other)) add(hz, Math.min(hz, 1000));
    for (const hz of [view.high, ...inView(BETWEEN)]) add(hz, Math.min(roundness(hz), 1000), room * 0.7);
    for (const hz of inView([1, 2, 3, 4, 5, 6, 7, 8, 9])) {
      const free = found.every((one) => Math.abs(projection.y(one.at) - projection.y(hz)) >= 5);
      if (free) found.push({ at: hz, text: "" });
    }
    return found.sort((one, other) => one.at - other.at);
  }
  for (let hz = view.low - 1e-6; ;) {
    const step = roundStep(projection, Math.max(0, hz), room);
    hz = (Math.floor(hz / step) + 1) * step;
    if (hz > view.high + 1e-6) return found;
    add(hz, step);
  }
}

/** The largest power of ten that a number is whole in. */
function roundness(hz: number): number {
  let power = 1;
  while (hz >= 10 && hz % (power * 10) === 0) power *= 10;
  return power;
}

/** The shortest round step upwards from `hz` that leaves room. */
function roundStep(projection: Projection, hz: number, room: number): number {
  for (let power = 0; power < 7; power++) {
    for (const round of ROUND) {
      const step = round * 10 ** power;
      if (projection.y(hz) - projection.y(hz + step) >= room) return step;
    }
  }
  return 1e7;
}
