/** What is played when: the pieces of a sound one after another, around in a loop. Pure. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Which stretch is played, from where in it, and whether around and around. */
export interface Course {
  readonly from: number;
  readonly stretch: Span;
  readonly loop: boolean;
}

/** A piece that was given to the device: file time `start` sounds at device time `at`. */
export interface Placed extends Span {
  readonly at: number;
}

const FIRST_S = 0.7;
const LATER_S = 5;
const LONGEST_S = 29;

/** The pieces of a course in turn; the first is short so that it comes soon. */
export function* pieces(course: Course, speed: number): Generator<Span, void> {
  const { start, end } = course.stretch;
  let at = course.from;
  let length = FIRST_S * speed;
  for (;;) {
    if (at >= end - 1e-6) {
      if (!course.loop || end - start < 0.01) return;
      at = start;
      continue;
    }
    const stop = Math.min(end, at + Math.min(length, LONGEST_S));
    yield { start: at, end: stop };
    at = stop;
    length = Math.min(LATER_S * speed, Math.max(length * 2, 0.2));
  }
}

/** The file time that sounds at a device time. */
export function positionAt(placed: readonly Placed[], now: number, speed: number): number | null {
  let found: number | null = null;
  for (const piece of placed) {
    if (piece.at > now && found !== null) break;
    const length = (piece.end - piece.start) / speed;
    found = piece.start + Math.min(Math.max(now - piece.at, 0), length) * speed;
  }
  return found;
}
