/** Boxes on the picture: which one is under the pointer, and what dragging does. Pure functions. */
import type { Box } from "./types";
import { clamp } from "../lib/dom";
import type { Limits, Projection } from "./view";

/** A rectangle in pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Which sides of a box a handle moves; all of them move the box. */
export interface Grip {
  readonly left: boolean;
  readonly right: boolean;
  readonly top: boolean;
  readonly bottom: boolean;
}

const ALL: Grip = { left: true, right: true, top: true, bottom: true };
const SHORTEST_S = 0.001;

/** Where a box is drawn; one without frequencies takes the whole height. */
export function rectOf(box: Box, projection: Projection): Rect {
  const x = projection.x(box.start);
  const top = box.high_hz == null ? 0 : projection.y(box.high_hz);
  const bottom = box.low_hz == null ? projection.height : projection.y(box.low_hz);
  return { x, y: top, w: Math.max(projection.x(box.end) - x, 0), h: Math.max(bottom - top, 0) };
}

export function inside(rect: Rect, x: number, y: number, margin = 0): boolean {
  return x >= rect.x - margin && x <= rect.x + rect.w + margin
    && y >= rect.y - margin && y <= rect.y + rect.h + margin;
}

/** Of the boxes under a point the smallest, since larger ones can be had beside it. */
export function hit<T>(candidates: Iterable<readonly [T, Rect]>, x: number, y: number, margin: number): T | null {
  let best: T | null = null;
  let smallest = Infinity;
  for (const [item, rect] of candidates) {
    const area = (rect.w + 1) * (rect.h + 1);
    if (area < smallest && inside(rect, x, y, margin)) [best, smallest] = [item, area];
  }
  return best;
}

/** The handle of a selected box at a point; null beside it. */
export function gripAt(rect: Rect, x: number, y: number, reach: number): Grip | null {
  if (!inside(rect, x, y, reach)) return null;
  // Inwards a handle takes a third at most, so that the middle of a small box moves it.
  const near = (into: number, size: number): boolean => into <= Math.min(reach, size / 3);
  const left = near(x - rect.x, rect.w);
  const right = near(rect.x + rect.w - x, rect.w);
  const top = near(y - rect.y, rect.h);
  const bottom = near(rect.y + rect.h - y, rect.h);
  if (!left && !right && !top && !bottom) return ALL;
  return { left: left && !right, right, top: top && !bottom, bottom };
}

export function cursorOf(grip: Grip): string {
  const across = grip.left || grip.right;
  const up = grip.top || grip.bottom;
  if (grip.left && grip.right) return "move";
  if (across && up) return grip.left === grip.top ? "nwse-resize" : "nesw-resize";
  return across ? "ew-resize" : "ns-resize";
}

/** A box whose gripped sides follow the pointer from (x0, y0) to (x, y), within the sound. */
export function dragged(box: Box, grip: Grip, projection: Projection, limits: Limits,
  x0: number, y0: number, x: number, y: number): Box {
  const seconds = (x - x0) * projection.secondsPerPixel;
  const low = box.low_hz ?? 0;
  const high = box.high_hz ?? limits.nyquist;
  if (grip.left && grip.right) {
    const dt = clamp(seconds, -box.start, Math.max(0, limits.duration - box.end));
    const moved = { ...box, start: box.start + dt, end: box.end + dt };
    if (box.low_hz == null || box.high_hz == null || y === y0) return moved;
    const dy = clamp(y - y0, projection.y(limits.nyquist) - projection.y(high), projection.y(0) - projection.y(low));
    return { ...moved, low_hz: projection.hz(projection.y(low) + dy), high_hz: projection.hz(projection.y(high) + dy) };
  }
  let { start, end } = box;
  let [bottom, top] = [low, high];
  if (grip.left) start = clamp(start + seconds, 0, limits.duration);
  if (grip.right) end = clamp(end + seconds, 0, limits.duration);
  if (grip.bottom) bottom = clamp(projection.hz(projection.y(low) + y - y0), 0, limits.nyquist);
  if (grip.top) top = clamp(projection.hz(projection.y(high) + y - y0), 0, limits.nyquist);
  if (end < start) [start, end] = [end, start];
  if (top < bottom) [bottom, top] = [top, bottom];
  const band = grip.top || grip.bottom ? { low_hz: bottom, high_hz: top } : {};
  return { ...box, ...band, start, end: Math.max(end, start + SHORTEST_S) };
}

/** The box between two corners in pixels, within the sound. */
export function between(projection: Projection, limits: Limits, x0: number, y0: number, x: number, y: number): Box {
  const time = (at: number): number => clamp(projection.time(at), 0, limits.duration);
  const hz = (at: number): number => clamp(projection.hz(at), 0, limits.nyquist);
  return {
    start: time(Math.min(x0, x)), end: time(Math.max(x0, x)),
    low_hz: hz(Math.max(y0, y)), high_hz: hz(Math.min(y0, y)), label: "", score: 1,
  };
}
