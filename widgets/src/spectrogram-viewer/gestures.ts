/** Mouse, trackpad, pen and fingers on the picture. */
import { between, cursorOf, dragged, type Grip, gripAt, hit, rectOf } from "./boxes";
import { type Draft, inSight } from "./overlay";
import type { Ref, Row, Session } from "./session";
import type { Box } from "./types";
import { around, pan, type Projection, type Scale, type View, zoomFrequency, zoomTime } from "./view";

export type Tool = "move" | "select" | "draw";

/** What gestures act on. */
export interface Hands {
  readonly session: Session;
  tool(): Tool;
  scale(): Scale;
  /** From the view to pixels of the page. */
  projection(): Projection;
  /** Show what is being dragged open, or how the selected annotation will lie. */
  preview(draft: Draft | null, moved: Box | null): void;
  hover(x: number, y: number, over: Row | null): void;
  leave(): void;
  drawn(box: Box): void;
  changed(key: number, box: Box): void;
  tapped(ref: Ref | null, time: number): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Doing =
  | { readonly kind: "pan"; readonly view: View; readonly from: Point }
  | { readonly kind: "open"; readonly as: Draft["kind"]; readonly from: Point }
  | { readonly kind: "grip"; readonly grip: Grip; readonly key: number; readonly box: Box; readonly from: Point }
  | { readonly kind: "pinch" };

const SLACK_PX = 4;
const FINGER_PX = 14;
const MOUSE_PX = 4;
const HOLD_MS = 450;
const ZOOM_STEP = 2.5;

export class Gestures {
  private readonly pointers = new Map<number, Point>();
  private doing: Doing | null = null;
  private strayed = false;
  private hold: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly area: HTMLElement, private readonly hands: Hands) {
    area.addEventListener("pointerdown", (event) => this.down(event));
    area.addEventListener("pointermove", (event) => this.move(event));
    area.addEventListener("pointerup", (event) => this.up(event, true));
    area.addEventListener("pointercancel", (event) => this.up(event, false));
    area.addEventListener("pointerleave", () => { if (!this.pointers.size) hands.leave(); });
    area.addEventListener("dblclick", (event) => this.double(event));
    // A finger that draws must not scroll the page; one that pans may.
    area.addEventListener("touchmove", (event) => {
      if (this.doing && this.doing.kind !== "pan") event.preventDefault();
    }, { passive: false });
    area.addEventListener("contextmenu", (event) => { if (this.pointers.size) event.preventDefault(); });
    area.addEventListener("wheel", (event) => wheel(event, hands, this.at(event)), { passive: false });
  }

  /** Give up what is being dragged. */
  cancel(): boolean {
    const was = this.doing !== null;
    this.finish();
    return was;
  }

  private at(event: MouseEvent): Point {
    const area = this.area.getBoundingClientRect();
    return { x: event.clientX - area.left, y: event.clientY - area.top };
  }

  private down(event: PointerEvent): void {
    if (event.button > 1) return;
    const at = this.at(event);
    this.area.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, at);
    this.area.setPointerCapture(event.pointerId);
    if (event.button === 1) event.preventDefault();
    if (this.pointers.size > 1) {
      clearTimeout(this.hold);
      this.hands.preview(null, null);
      this.strayed = true;
      this.doing = { kind: "pinch" };
      return;
    }
    this.strayed = false;
    this.doing = this.begin(event, at);
    if (event.pointerType !== "mouse") this.hold = setTimeout(() => this.held(at), HOLD_MS);
  }

  private begin(event: PointerEvent, from: Point): Doing {
    const { session } = this.hands;
    const grip = this.gripAt(from, event.pointerType === "mouse" ? 7 : FINGER_PX);
    if (grip && event.button === 0 && !event.shiftKey) return { kind: "grip", ...grip, from };
    const tool = this.hands.tool();
    if (event.button === 0 && event.shiftKey) return { kind: "open", as: "zoom", from };
    if (event.button === 0 && tool !== "move") return { kind: "open", as: tool, from };
    return { kind: "pan", view: session.view, from };
  }

  /** The handle of the selected annotation at a point. */
  private gripAt({ x, y }: Point, reach: number): { grip: Grip; key: number; box: Box } | null {
    const { selected } = this.hands.session;
    if (selected?.kind !== "mark") return null;
    const box = this.hands.session.boxOf(selected);
    const grip = box && gripAt(rectOf(box, this.hands.projection()), x, y, reach);
    return box && grip ? { grip, key: selected.key, box } : null;
  }

  /** A finger that rests selects what lies under it, or begins a stretch to play. */
  private held(at: Point): void {
    if (this.strayed || !this.doing) return;
    const row = this.under(at, FINGER_PX);
    navigator.vibrate?.(8);
    this.strayed = true;
    if (row) {
      this.doing = null;
      this.hands.tapped(row.ref, this.hands.projection().time(at.x));
    } else {
      this.doing = { kind: "open", as: this.hands.tool() === "draw" ? "draw" : "select", from: at };
    }
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.look(event, at);
    const { doing } = this;
    if (!this.strayed && doing && doing.kind !== "pinch") {
      if (Math.hypot(at.x - doing.from.x, at.y - doing.from.y) < SLACK_PX) return;
      this.strayed = true;
      clearTimeout(this.hold);
    }
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, at);
    if (doing?.kind === "pinch" && other) this.pinch(before, at, other);
    else if (doing?.kind === "pan") this.pan(doing.view, doing.from, at);
    else if (doing?.kind === "open") this.hands.preview(this.draft(doing, at), null);
    else if (doing?.kind === "grip") this.hands.preview(null, this.dragged(doing, at));
  }

  private up(event: PointerEvent, whole: boolean): void {
    if (!this.pointers.delete(event.pointerId)) return;
    clearTimeout(this.hold);
    const { doing, hands } = this;
    const at = this.at(event);
    if (this.pointers.size) return;
    if (whole && !this.strayed && event.button === 0) {
      const row = this.under(at, event.pointerType === "mouse" ? MOUSE_PX : FINGER_PX);
      hands.tapped(row?.ref ?? null, hands.projection().time(at.x));
    } else if (whole && this.strayed && doing?.kind === "open") {
      this.opened(this.draft(doing, at));
    } else if (whole && this.strayed && doing?.kind === "grip") {
      hands.changed(doing.key, this.dragged(doing, at));
    }
    this.finish();
  }

  private finish(): void {
    clearTimeout(this.hold);
    this.doing = null;
    this.hands.preview(null, null);
  }

  private opened({ kind, box }: Draft): void {
    const { session } = this.hands;
    if (kind === "draw") this.hands.drawn(box);
    else if (kind === "select") session.mark(box);
    else {
      session.look({ start: box.start, end: box.end, low: box.low_hz ?? 0, high: box.high_hz ?? session.limits.nyquist });
    }
  }

  private draft(doing: { as: Draft["kind"]; from: Point }, at: Point): Draft {
    const { from } = doing;
    return { kind: doing.as,
      box: between(this.hands.projection(), this.hands.session.limits, from.x, from.y, at.x, at.y) };
  }

  private dragged(doing: { grip: Grip; box: Box; from: Point }, at: Point): Box {
    const { from } = doing;
    return dragged(doing.box, doing.grip, this.hands.projection(), this.hands.session.limits,
      from.x, from.y, at.x, at.y);
  }

  private pan(view: View, from: Point, at: Point): void {
    const { width, height } = this.hands.projection();
    const { session } = this.hands;
    session.look(pan(view, (from.x - at.x) / width, (at.y - from.y) / height, session.limits, this.hands.scale()));
  }

  /** Two fingers: spread across zooms time, spread upwards zooms frequency, both shift. */
  private pinch(before: Point, now: Point, other: Point): void {
    const { session } = this.hands;
    const projection = this.hands.projection();
    const { limits } = session;
    const scale = this.hands.scale();
    let { view } = session;
    const wide = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)] as const;
    const tall = [Math.abs(before.y - other.y), Math.abs(now.y - other.y)] as const;
    if (wide[0] >= tall[0]) {
      view = zoomTime(view, Math.max(wide[1], 8) / Math.max(wide[0], 8), projection.time((before.x + other.x) / 2), limits);
    } else {
      view = zoomFrequency(view, Math.max(tall[1], 8) / Math.max(tall[0], 8), projection.hz((before.y + other.y) / 2), limits, scale);
    }
    session.look(pan(view, (before.x - now.x) / 2 / projection.width, (now.y - before.y) / 2 / projection.height, limits, scale));
  }

  private look(event: PointerEvent, at: Point): void {
    if (event.pointerType !== "mouse") return;
    const grip = this.gripAt(at, 7);
    const row = this.under(at, MOUSE_PX);
    const free = this.hands.tool() === "move" ? "grab" : "crosshair";
    this.area.style.cursor = grip ? cursorOf(grip.grip) : event.shiftKey ? "zoom-in" : row ? "pointer" : free;
    this.hands.hover(at.x, at.y, row);
  }

  private under({ x, y }: Point, margin: number): Row | null {
    const projection = this.hands.projection();
    const { events, marks } = inSight(this.hands.session, projection);
    return hit([...events, ...marks].map((row) => [row, rectOf(row.box, projection)] as const), x, y, margin);
  }

  private double(event: MouseEvent): void {
    const { session } = this.hands;
    const at = this.at(event);
    const row = this.under(at, MOUSE_PX);
    if (row) {
      return session.look(around({ ...row.box, low: row.box.low_hz, high: row.box.high_hz }, session.view, session.limits));
    }
    const factor = event.shiftKey || event.altKey ? 1 / ZOOM_STEP : ZOOM_STEP;
    session.look(zoomTime(session.view, factor, this.hands.projection().time(at.x), session.limits));
  }
}

/** Turning the wheel shifts time; with Ctrl (or a pinch) it zooms time, with Alt frequency. */
export function wheel(event: WheelEvent, hands: Pick<Hands, "session" | "scale" | "projection">, at: Point): void {
  const { session } = hands;
  const { view, limits } = session;
  const unit = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 240 : 1;
  const projection = hands.projection();
  const factor = Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.006 : 0.003));
  const next = event.ctrlKey || event.metaKey ? zoomTime(view, factor, projection.time(at.x), limits)
    : event.altKey ? zoomFrequency(view, factor, projection.hz(at.y), limits, hands.scale())
      : pan(view, ((event.deltaX || event.deltaY) * unit) / projection.width, 0, limits, hands.scale());
  const moved = next.start !== view.start || next.end !== view.end || next.low !== view.low || next.high !== view.high;
  // What can't move leaves the wheel to the page, save a zoom, which would zoom the page.
  if (moved || event.ctrlKey || event.metaKey) event.preventDefault();
  if (moved) session.look(next);
}
