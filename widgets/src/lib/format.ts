/** Numbers, sizes, times as people read them. Pure functions of value and language. */
import type { Translate } from "./i18n";

export function bytes(size: number, locale = "en-GB"): string {
  const units = locale.startsWith("ru") ? ["Б", "кБ", "МБ", "ГБ", "ТБ"] : ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return `${text} ${units[unit]}`;
}

/** 75.2 → "1:15"; 3675 → "1:01:15". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, "0");
  const m = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** The length of a recording: short ones to a tenth of a second. */
export function playtime(seconds: number, locale = "en-GB"): string {
  if (seconds >= 10) return duration(seconds);
  return `${fixed(Math.max(0, seconds), 1, locale)} ${locale.startsWith("ru") ? "с" : "s"}`;
}

/** The middle of a CID is what people skip. */
export function shortCid(cid: string, head = 8, tail = 6): string {
  return cid.length <= head + tail + 1 ? cid : `${cid.slice(0, head)}…${cid.slice(-tail)}`;
}

export const count = (n: number, locale = "en-GB"): string =>
  new Intl.NumberFormat(locale).format(n);

/** A number with so many digits after the point. */
export const fixed = (value: number, digits: number, locale = "en-GB"): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value);

/** A share of one; what is there is never said to be nothing. */
export const percent = (score: number): string =>
  (score > 0 && score < 0.005 ? "<1 %" : `${Math.round(score * 100)} %`);

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions, at: Date): string {
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found.format(at);
}

/** Local date and time of an ISO moment, to the second. */
export function moment(iso: string, locale = "en-GB", timeZone?: string): string {
  return format(
    locale,
    { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
      second: "2-digit", hourCycle: "h23", ...(timeZone ? { timeZone } : {}) },
    new Date(iso),
  );
}

/** Only the time when the moment is today, else the day and the time. */
export function brief(iso: string, locale = "en-GB", now = new Date()): string {
  const at = new Date(iso);
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  if (at.toDateString() === now.toDateString()) {
    return format(locale, { ...time, second: "2-digit" }, at);
  }
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return format(locale, { day: "numeric", month: "short", ...year, ...time }, at);
}

/** "2026-11-22" as a day in the reader's language. */
export function day(isoDay: string, locale = "en-GB"): string {
  const at = new Date(`${isoDay}T12:00:00Z`);
  return format(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }, at);
}

/** A measured number: enough digits to tell, not more. */
export function measure(value: number, locale = "en-GB"): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) return value.toExponential(2);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/** "3 s ago", "5 min ago", then the moment itself. */
export function ago(iso: string, t: Translate, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 90) return t("{n} s ago", { n: Math.round(seconds) });
  if (seconds < 5400) return t("{n} min ago", { n: Math.round(seconds / 60) });
  return brief(iso, t.locale, new Date(now));
}

/** Seconds of film that frames make. */
export const filmSeconds = (frames: number, fps: number): number => (fps > 0 ? frames / fps : 0);

/** An even number of pixels at the same shape, as video codecs want. */
export function fitWidth(width: number, height: number, target: number): [number, number] {
  const even = (n: number): number => Math.max(2, Math.round(n / 2) * 2);
  return [even(target), even((height / Math.max(1, width)) * target)];
}
