/** The part of a sound that is in sight, and how it maps to pixels. Pure arithmetic. */
import { clamp } from "../lib/dom";

/** How frequency runs up the picture. */
export type Scale = "mel" | "linear";

/** A span of time in seconds and of frequency in Hz. */
export interface View {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
}

/** How far a view may go. */
export interface Limits {
  readonly duration: number;
  readonly nyquist: number;
}

export const SHORTEST_S = 0.02;
const NARROWEST_HZ = 50;

/** Slaney's mel: linear up to 1 kHz, logarithmic above. */
export function mel(hz: number): number {
  return hz < 1000 ? (hz * 3) / 200 : 15 + (Math.log(hz / 1000) * 27) / Math.log(6.4);
}

/** The inverse of `mel`. */
export function hertz(m: number): number {
  return m < 15 ? (m * 200) / 3 : 1000 * Math.exp(((m - 15) * Math.log(6.4)) / 27);
}

const forward = (scale: Scale): ((hz: number) => number) => (scale === "mel" ? mel : (hz) => hz);
const backward = (scale: Scale): ((m: number) => number) => (scale === "mel" ? hertz : (m) => m);

/** Maps a view to a picture of that size; y runs down from the highest frequency. */
export class Projection {
  private readonly bottom: number;
  private readonly span: number;

  constructor(readonly view: View, readonly width: number, readonly height: number,
    readonly scale: Scale) {
    this.bottom = forward(scale)(view.low);
    this.span = Math.max(1e-9, forward(scale)(view.high) - this.bottom);
  }

  get secondsPerPixel(): number {
    return (this.view.end - this.view.start) / Math.max(1, this.width);
  }

  x(time: number): number {
    return (time - this.view.start) / this.secondsPerPixel;
  }

  time(x: number): number {
    return this.view.start + x * this.secondsPerPixel;
  }

  y(hz: number): number {
    return this.height * (1 - (forward(this.scale)(hz) - this.bottom) / this.span);
  }

  hz(y: number): number {
    return backward(this.scale)(this.bottom + (1 - y / Math.max(1, this.height)) * this.span);
  }
}

export const whole = (limits: Limits): View =>
  ({ start: 0, end: Math.max(limits.duration, SHORTEST_S), low: 0, high: limits.nyquist });

/** Shift and shrink a view so that it lies within the limits. */
export function bound(view: View, limits: Limits): View {
  const span = clamp(view.end - view.start, Math.min(SHORTEST_S, limits.duration || SHORTEST_S),
    Math.max(limits.duration, SHORTEST_S));
  const start = clamp(view.start, 0, Math.max(0, limits.duration - span));
  const band = clamp(view.high - view.low, Math.min(NARROWEST_HZ, limits.nyquist), limits.nyquist);
  const low = clamp(view.low, 0, Math.max(0, limits.nyquist - band));
  return { start, end: start + span, low, high: low + band };
}

/** Zoom in time by a factor (2 shows half as much) and keep `at` seconds where it is. */
export function zoomTime(view: View, factor: number, at: number, limits: Limits): View {
  const longest = Math.max(limits.duration, SHORTEST_S);
  const before = view.end - view.start;
  const span = clamp(before / factor, Math.min(SHORTEST_S, longest), longest);
  const start = at - ((at - view.start) / before) * span;
  return bound({ ...view, start, end: start + span }, limits);
}

/** Zoom in frequency, on its scale, and keep `at` Hz where it is. */
export function zoomFrequency(view: View, factor: number, at: number, limits: Limits, scale: Scale): View {
  const to = forward(scale);
  const from = backward(scale);
  const [low, high, fixed] = [to(view.low), to(view.high), to(at)];
  const top = to(limits.nyquist);
  const band = Math.min((high - low) / factor, top);
  const bottom = clamp(fixed - ((fixed - low) / (high - low)) * band, 0, top - band);
  const found = { ...view, low: from(bottom), high: from(bottom + band) };
  return found.high - found.low < Math.min(NARROWEST_HZ, limits.nyquist) ? view : bound(found, limits);
}

/** Shift by shares of what is in sight: (1, 0) is one picture later. */
export function pan(view: View, dx: number, dy: number, limits: Limits, scale: Scale): View {
  const shift = dx * (view.end - view.start);
  const start = clamp(view.start + shift, 0, Math.max(0, limits.duration - (view.end - view.start)));
  const moved = { ...view, start, end: start + (view.end - view.start) };
  if (!dy) return moved;
  const to = forward(scale);
  const from = backward(scale);
  const [low, high] = [to(view.low), to(view.high)];
  const by = clamp(dy * (high - low), -low, to(limits.nyquist) - high);
  return { ...moved, low: from(low + by), high: from(high + by) };
}

/**
 * Turn the page when what is heard leaves it. Who looks elsewhere, so that what was heard
 * `before` was out of sight already, is left there.
 */
export function follow(view: View, before: number | null, now: number, limits: Limits, glide = false): View {
  const span = view.end - view.start;
  const last = view.end >= limits.duration ? view.end : view.end - span * 0.02;
  if (!glide && now >= view.start && now <= last) return view;
  if (before !== null && (before < view.start || before > view.end)) return view;
  const share = glide ? 0.5 : 0.1;
  return bound({ ...view, start: now - span * share, end: now + span * (1 - share) }, limits);
}

/** A view around a box, with room on all sides. */
export function around(box: { start: number; end: number; low?: number | null; high?: number | null },
  view: View, limits: Limits): View {
  const length = Math.max(box.end - box.start, 0.05);
  const middle = (box.start + box.end) / 2;
  const found = { ...view, start: middle - length * 2, end: middle + length * 2 };
  if (box.low != null && box.high != null && (box.low < view.low || box.high > view.high)) {
    found.low = Math.min(view.low, box.low);
    found.high = Math.max(view.high, box.high);
  }
  return bound(found, limits);
}

const SLIMMEST = 1 / 150;

/** The least change that shows a box: a shift, or a zoom when it would be a sliver or too long. */
export function goTo(view: View, { start, end }: { start: number; end: number }, limits: Limits): View {
  const length = end - start;
  let span = view.end - view.start;
  const sliver = length < span * SLIMMEST && span > 4;
  if (!sliver && start >= view.start && end <= view.end) return view;
  if (sliver) span = Math.max(20 * length, 4);
  else if (length > span) span = length * 1.5;
  const middle = (start + end) / 2;
  return bound({ ...view, start: middle - span / 2, end: middle + span / 2 }, limits);
}
