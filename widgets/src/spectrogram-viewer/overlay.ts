/** What is drawn over the picture: events, annotations, the selection, the cursor. */
import { rectOf, type Rect } from "./boxes";
import { type Row, same, type Session } from "./session";
import type { Box } from "./types";
import type { Projection } from "./view";

/** What is being dragged open now: a new annotation, a stretch to play, or one to zoom to. */
export interface Draft {
  readonly kind: "draw" | "select" | "zoom";
  readonly box: Box;
}

export interface Scene {
  readonly session: Session;
  readonly projection: Projection;
  readonly draft: Draft | null;
  /** The file time that is heard, or where playing will begin. */
  readonly cursor: number;
  readonly font: string;
  /** A box that replaces that of the selected annotation while it is dragged. */
  readonly moved: Box | null;
}

const EVENT = "#4de3cf";
const MARK = "#ffcf4a";
const CHOSEN = "#ffffff";
const SHADE = "rgb(8 12 16 / 65%)";
const MOST_BOXES = 1200;
const RUG_PX = 7;
const SLIM_PX = 5;
const HANDLE_PX = 7;

/** The rows of events and annotations that reach into the view. */
export function inSight(session: Session, projection: Projection): { events: Row[]; marks: Row[] } {
  const { start, end } = projection.view;
  const events: Row[] = [];
  const list = session.events;
  if (list) {
    const [first, last] = list.within(start, end);
    for (let index = first; index < last; index++) {
      const box = list.boxes[index]!;
      if (box.end >= start && session.isShown(index)) events.push({ ref: { kind: "event", index }, box });
    }
  }
  const marks = session.markRows.filter(({ box }) => box.start <= end && box.end >= start);
  return { events, marks };
}

export function drawOverlay(paper: CanvasRenderingContext2D, scene: Scene): void {
  const { session, projection, draft, cursor, moved } = scene;
  const { width, height } = projection;
  paper.clearRect(0, 0, width, height);
  paper.font = `600 11px ${scene.font}`;
  paper.textBaseline = "middle";
  if (session.region) stretch(paper, rectOf(session.region, projection), height);
  const { events, marks } = inSight(session, projection);
  if (events.length > MOST_BOXES) rug(paper, events, projection, EVENT, 0);
  else boxes(paper, events, scene, EVENT, 1.25);
  if (marks.length > MOST_BOXES) rug(paper, marks, projection, MARK, height - RUG_PX);
  else boxes(paper, marks, scene, MARK, 1.75);
  const chosen = moved ?? session.boxOf(session.selected);
  if (chosen) choose(paper, rectOf(chosen, projection), session.selected?.kind === "mark", chosen);
  if (draft) open(paper, rectOf(draft.box, projection), draft.kind);
  line(paper, projection.x(cursor), height);
}

function boxes(paper: CanvasRenderingContext2D, rows: readonly Row[], { session, projection, moved }: Scene,
  colour: string, thick: number): void {
  const rects = rows.filter(({ ref }) => !(moved && same(ref, session.selected)))
    .map(({ box }): readonly [Rect, Box] => [rectOf(box, projection), box]);
  // What is too slim for a frame is only tinted, so that the picture is seen through it.
  paper.fillStyle = colour;
  paper.globalAlpha = 0.4;
  for (const [{ x, y, w, h }] of rects) if (w < SLIM_PX) paper.fillRect(x, y, Math.max(w, 1), h);
  paper.globalAlpha = 1;
  const framed = rects.filter(([{ w }]) => w >= SLIM_PX);
  for (const [style, wide] of [[SHADE, thick + 1.75], [colour, thick]] as const) {
    paper.strokeStyle = style;
    paper.lineWidth = wide;
    paper.beginPath();
    for (const [{ x, y, w, h }] of framed) paper.rect(x, y + 0.5, w, Math.max(h - 1, 1));
    paper.stroke();
  }
  for (const [rect, box] of framed) {
    if (rect.w > 26 && box.label) tag(paper, rect, box.label, colour);
  }
}

/** A name in the upper corner of a box, as far as it fits. */
function tag(paper: CanvasRenderingContext2D, rect: Rect, text: string, colour: string, whole = false): void {
  const wide = paper.measureText(text).width + 8;
  if (wide > rect.w && !whole) return;
  const y = rect.y >= 17 ? rect.y - 17 : rect.y + 1;
  paper.fillStyle = SHADE;
  paper.fillRect(rect.x - 0.5, y, wide, 16);
  paper.fillStyle = colour;
  paper.fillText(text, rect.x + 3.5, y + 8.5);
}

/** Too many boxes to tell apart: one tick for each pixel that has some, brighter for more. */
function rug(paper: CanvasRenderingContext2D, rows: readonly Row[], projection: Projection,
  colour: string, top: number): void {
  const counts = new Uint16Array(Math.ceil(projection.width) + 1);
  for (const { box } of rows) {
    const x = Math.round(projection.x(box.start));
    if (x >= 0 && x < counts.length) counts[x]! += 1;
  }
  paper.fillStyle = SHADE;
  paper.fillRect(0, top, projection.width, RUG_PX);
  paper.fillStyle = colour;
  counts.forEach((count, x) => {
    if (!count) return;
    paper.globalAlpha = Math.min(1, 0.35 + count / 8);
    paper.fillRect(x, top, 1, RUG_PX);
  });
  paper.globalAlpha = 1;
}

function choose(paper: CanvasRenderingContext2D, rect: Rect, editable: boolean, box: Box): void {
  const { x, y, w, h } = rect;
  paper.fillStyle = "rgb(255 255 255 / 10%)";
  paper.fillRect(x, y, w, h);
  for (const [style, wide] of [[SHADE, 4], [CHOSEN, 2]] as const) {
    paper.strokeStyle = style;
    paper.lineWidth = wide;
    paper.strokeRect(x, y + 0.5, Math.max(w, 1), Math.max(h - 1, 1));
  }
  if (box.label) tag(paper, rect, box.label, CHOSEN, true);
  if (!editable) return;
  const across = w > 3 * HANDLE_PX ? [x, x + w / 2, x + w] : [x, x + w];
  const up = h > 3 * HANDLE_PX ? [y, y + h / 2, y + h] : [y, y + h];
  for (const hx of across) {
    for (const hy of up) {
      if (hx === x + w / 2 && hy === y + h / 2) continue;
      paper.fillStyle = SHADE;
      paper.fillRect(hx - 4.5, hy - 4.5, 9, 9);
      paper.fillStyle = CHOSEN;
      paper.fillRect(hx - 3, hy - 3, 6, 6);
    }
  }
}

/** What will be played: the rest is dimmed. */
function stretch(paper: CanvasRenderingContext2D, rect: Rect, height: number): void {
  paper.fillStyle = "rgb(120 190 255 / 16%)";
  paper.fillRect(rect.x, 0, rect.w, height);
  paper.fillStyle = "rgb(120 190 255 / 18%)";
  paper.fillRect(rect.x, rect.y, rect.w, rect.h);
  open(paper, rect, "select");
}

function open(paper: CanvasRenderingContext2D, { x, y, w, h }: Rect, kind: Draft["kind"]): void {
  for (const [style, wide, dash] of [
    [SHADE, 3, []], [kind === "draw" ? MARK : "#8ecbff", 1.5, kind === "zoom" ? [5, 4] : []],
  ] as const) {
    paper.strokeStyle = style;
    paper.lineWidth = wide;
    paper.setLineDash(dash as number[]);
    paper.strokeRect(x, y + 0.5, Math.max(w, 1), Math.max(h - 1, 1));
  }
  paper.setLineDash([]);
}

function line(paper: CanvasRenderingContext2D, x: number, height: number): void {
  paper.fillStyle = SHADE;
  paper.fillRect(x - 1.5, 0, 3, height);
  paper.fillStyle = "#ff6b5e";
  paper.fillRect(x - 0.75, 0, 1.5, height);
}
