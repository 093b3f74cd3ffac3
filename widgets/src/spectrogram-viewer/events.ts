/** The events of one analysis: ordered by time, filtered by score, found by place. Pure. */
import type { Box, EventColumns } from "./types";

export class EventList {
  /** Events by their start. */
  readonly boxes: readonly Box[];
  /** Where each of them is in the analysis. */
  readonly places: readonly number[];
  readonly scoreLow: number;
  readonly scoreHigh: number;
  private readonly longest: number;

  constructor(columns: EventColumns) {
    const { start } = columns;
    this.places = [...start.keys()].sort((a, b) => start[a]! - start[b]!);
    this.boxes = this.places.map((i): Box => ({
      start: start[i]!, end: columns.end[i] ?? start[i]!, low_hz: columns.low[i] ?? null,
      high_hz: columns.high[i] ?? null, label: columns.label[i] ?? "", score: columns.score[i] ?? 0,
      peak_hz: columns.peak[i] ?? null, snr_db: columns.snr[i] ?? null,
    }));
    this.longest = this.boxes.reduce((most, box) => Math.max(most, box.end - box.start), 0);
    this.scoreLow = this.boxes.reduce((least, box) => Math.min(least, box.score), Infinity);
    this.scoreHigh = this.boxes.reduce((most, box) => Math.max(most, box.score), -Infinity);
  }

  get size(): number {
    return this.boxes.length;
  }

  /** The indices [first, last) of events that may reach into a span of time. */
  within(start: number, end: number): readonly [number, number] {
    return [
      lowerBound(this.size, (i) => this.boxes[i]!.start < start - this.longest),
      lowerBound(this.size, (i) => this.boxes[i]!.start <= end),
    ];
  }
}

/** The first i of 0…count for which `before(i)` is no longer true. */
function lowerBound(count: number, before: (i: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A position for each score, so that a slider spreads evenly over the events there are. */
export function sliderScale(low: number, high: number): { toScore(share: number): number; toShare(score: number): number } {
  const bend = low > 0 && high / low > 4;
  const [a, b] = bend ? [Math.log(low), Math.log(high)] : [low, high];
  const range = Math.max(b - a, 1e-9);
  return {
    toScore: (share) => (bend ? Math.exp(a + share * range) : a + share * range),
    toShare: (score) => ((bend ? Math.log(Math.max(score, 1e-9)) : score) - a) / range,
  };
}

export type SortKey = "start" | "length" | "low" | "label" | "score";

const by: Record<SortKey, (a: Box, b: Box) => number> = {
  start: (a, b) => a.start - b.start,
  length: (a, b) => a.end - a.start - (b.end - b.start),
  low: (a, b) => (a.low_hz ?? 0) - (b.low_hz ?? 0),
  label: (a, b) => a.label.localeCompare(b.label),
  score: (a, b) => a.score - b.score,
};

/** Rows in the order of a column; equal ones stay in the order of time. */
export function sorted<R extends { readonly box: Box }>(rows: readonly R[], key: SortKey, descending: boolean): R[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * by[key](a.box, b.box) || a.box.start - b.box.start);
}

/** Which events an annotation stands for: they share half of the shorter one, and a frequency. */
export function annotated(events: EventList, annotations: readonly Box[]): Uint8Array {
  const found = new Uint8Array(events.size);
  for (const mark of annotations) {
    const [first, last] = events.within(mark.start, mark.end);
    for (let i = first; i < last; i++) {
      const event = events.boxes[i]!;
      const shared = Math.min(event.end, mark.end) - Math.max(event.start, mark.start);
      const half = Math.min(event.end - event.start, mark.end - mark.start) / 2;
      const apart = (event.low_hz ?? 0) > (mark.high_hz ?? Infinity)
        || (mark.low_hz ?? 0) > (event.high_hz ?? Infinity);
      if (shared >= half && !apart) found[i] = 1;
    }
  }
  return found;
}
