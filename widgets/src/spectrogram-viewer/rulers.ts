/** Draws the axes: frequency on the left, file time and wall time below. */
import { frequencyTicks, momentText, timeTicks, wallDay, wallTicks, type Zone } from "./axes";
import type { Palette } from "./palette";
import type { Opened } from "./types";
import type { Projection } from "./view";

export const FREQUENCY_PX = 58;
export const TIME_ROW_PX = 18;

function prepare(paper: CanvasRenderingContext2D, width: number, height: number, colours: Palette): void {
  paper.clearRect(0, 0, width, height);
  paper.font = `11px ${colours.font}`;
  paper.textBaseline = "middle";
  paper.lineWidth = 1;
}

export function drawFrequencies(paper: CanvasRenderingContext2D, width: number, projection: Projection,
  locale: string, colours: Palette): void {
  const { height } = projection;
  prepare(paper, width, height, colours);
  paper.textAlign = "right";
  for (const { at, text } of frequencyTicks(projection, locale)) {
    const y = projection.y(at);
    const long = text ? 5 : 3;
    paper.fillStyle = colours.line;
    paper.fillRect(width - long, Math.min(Math.round(y), height - 1), long, 1);
    paper.fillStyle = colours.text;
    paper.fillText(text, width - 8, Math.min(Math.max(y, 6), height - 6));
  }
}

export interface Clock {
  readonly startedMs: number;
  readonly zone: Zone;
}

/** The clock of a sound; null when it is not known when it began. */
export const clockOf = ({ started_at_ms }: Opened, zone: Zone): Clock | null =>
  started_at_ms === null ? null : { startedMs: started_at_ms, zone };

/** The row of file time and, when it is known when the sound began, the row of wall time. */
export function drawTimes(paper: CanvasRenderingContext2D, height: number, projection: Projection,
  clock: Clock | null, dayText: string, colours: Palette): void {
  const { width } = projection;
  prepare(paper, width, height, colours);
  paper.textAlign = "center";
  const row = (ticks: readonly { at: number; text: string }[], top: number, colour: string, from: number): void => {
    for (const { at, text } of ticks) {
      const x = projection.x(at);
      const half = paper.measureText(text).width / 2;
      if (top === 0) {
        paper.fillStyle = colours.line;
        paper.fillRect(Math.round(x), 0, 1, 5);
      }
      const middle = Math.min(Math.max(x, half), width - half);
      if (middle - half < from) continue;
      paper.fillStyle = colour;
      paper.fillText(text, middle, top + TIME_ROW_PX / 2 + 2);
    }
  };
  row(timeTicks(projection), 0, colours.text, 0);
  if (!clock) return;
  paper.textAlign = "left";
  paper.fillStyle = colours.muted;
  paper.fillText(dayText, 0, TIME_ROW_PX * 1.5 + 2);
  const taken = paper.measureText(dayText).width + 10;
  paper.textAlign = "center";
  row(wallTicks(projection, clock.startedMs, clock.zone), TIME_ROW_PX, colours.muted, taken);
}

/** "2026-05-04 UTC": the day on which the view begins. */
export const dayOf = (projection: Projection, clock: Clock, zoneText: string): string =>
  `${wallDay(clock.startedMs + projection.view.start * 1000, clock.zone)} ${zoneText}`;

/** When a time of the file was, in full. */
export const momentOf = (time: number, clock: Clock, step: number): string =>
  momentText(clock.startedMs + time * 1000, clock.zone, step);
