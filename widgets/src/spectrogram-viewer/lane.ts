/** One sound on the page: picture, axes, wave form, and what is drawn and done on them. */
import { type Cleanup, h } from "../lib/dom";
import { Gestures, type Tool, wheel } from "./gestures";
import { drawOverlay, type Draft } from "./overlay";
import type { Palette } from "./palette";
import { type Clock, clockOf, dayOf, drawFrequencies, drawTimes, FREQUENCY_PX, TIME_ROW_PX } from "./rulers";
import type { Ref, Row, Session } from "./session";
import { type Settings, styleOf } from "./settings";
import { drawSpectrogram } from "./spectrogram";
import type { Style } from "./pictures";
import type { Box } from "./types";
import { pan, Projection, whole, zoomFrequency } from "./view";
import { drawWave } from "./waves";

/** What a lane needs of the viewer around it. */
export interface LaneHost {
  readonly locale: string;
  readonly texts: { readonly picture: string; readonly role: string; readonly local: string };
  settings(): Settings;
  tool(): Tool;
  palette(): Palette;
  /** Where playing is in this sound; null when it is not played. */
  playing(session: Session): number | null;
  schedule(): void;
  activate(lane: Lane): void;
  drawn(box: Box): void;
  changed(key: number, box: Box): void;
  tapped(ref: Ref | null, time: number): void;
  hovered(session: Session, time: number, hz: number, over: Row | null): void;
  left(): void;
}

interface Sheet {
  readonly canvas: HTMLCanvasElement;
  readonly paper: CanvasRenderingContext2D;
}

const WAVE_PX = 48;
const DENSEST = 2;

function sheet(name: string, opaque = false): Sheet {
  const canvas = h("canvas", { class: `ol-sheet ol-sheet-${name}`, "aria-hidden": "true" });
  return { canvas, paper: canvas.getContext("2d", { alpha: !opaque })! };
}

/** Give a canvas its size in device pixels; whether that changed it. */
function fit({ canvas, paper }: Sheet, width: number, height: number, dense: number): void {
  const [w, tall] = [Math.max(1, Math.round(width * dense)), Math.max(1, Math.round(height * dense))];
  if (canvas.width !== w || canvas.height !== tall) {
    canvas.width = w;
    canvas.height = tall;
  }
  paper.setTransform(dense, 0, 0, dense, 0, 0);
}

export class Lane {
  readonly element: HTMLElement;
  readonly area: HTMLElement;
  readonly gestures: Gestures;
  private readonly base = sheet("base", true);
  private readonly over = sheet("over");
  private readonly left = sheet("left");
  private readonly below = sheet("below");
  private readonly wave = sheet("wave");
  private width = 0;
  private height = 0;
  private pictureDirty = true;
  private draft: Draft | null = null;
  private moved: Box | null = null;
  private style: { of: Settings; tiles: unknown; style: Style } | null = null;

  constructor(readonly session: Session, private readonly host: LaneHost, cleanup: Cleanup) {
    this.area = h("div", { class: "ol-scene", tabindex: 0, role: "application",
      "aria-roledescription": host.texts.role, "aria-label": host.texts.picture }, this.base.canvas, this.over.canvas);
    const frequencies = h("div", { class: "ol-axis-left", style: `width:${FREQUENCY_PX}px` }, this.left.canvas);
    const times = h("div", { class: "ol-axis-below", style: `height:${TIME_ROW_PX * 2 + 2}px` }, this.below.canvas);
    const waves = h("div", { class: "ol-wave", style: `height:${WAVE_PX}px` }, this.wave.canvas);
    this.element = h("div", { class: "ol-lane" }, frequencies, this.area, waves, times);
    const hands = {
      session, tool: host.tool, scale: () => host.settings().scale, projection: () => this.projection(),
      preview: (draft: Draft | null, moved: Box | null) => this.preview(draft, moved),
      hover: (x: number, y: number, over: Row | null) =>
        host.hovered(session, this.projection().time(x), this.projection().hz(y), over),
      leave: () => host.left(), drawn: (box: Box) => host.drawn(box),
      changed: (key: number, box: Box) => host.changed(key, box),
      tapped: (ref: Ref | null, time: number) => host.tapped(ref, time),
    };
    this.area.addEventListener("pointerdown", () => {
      this.area.focus({ preventScroll: true }); // what is typed elsewhere is kept where it was typed
      host.activate(this);
    }, { capture: true });
    this.area.addEventListener("focus", () => host.activate(this));
    this.gestures = new Gestures(this.area, hands);
    frequencies.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    frequencies.addEventListener("dblclick", () =>
      session.look({ ...session.view, low: 0, high: session.limits.nyquist }));
    this.slide(frequencies, false);
    this.slide(times, true);
    this.slide(waves, true);
    for (const node of [times, waves]) {
      node.addEventListener("wheel", (event) => wheel(event, hands,
        { x: event.clientX - node.getBoundingClientRect().left, y: 0 }), { passive: false });
    }
    const sized = new ResizeObserver(() => { this.pictureDirty = true; host.schedule(); });
    sized.observe(this.area);
    cleanup.add(() => sized.disconnect(),
      session.on("view", () => this.dirty()), session.on("picture", () => this.dirty()),
      session.on("list", () => host.schedule()), session.on("selection", () => host.schedule()));
  }

  dirty(): void {
    this.pictureDirty = true;
    this.host.schedule();
  }

  projection(): Projection {
    return new Projection(this.session.view, Math.max(1, this.width), Math.max(1, this.height), this.host.settings().scale);
  }

  clock(): Clock | null {
    return clockOf(this.session.info, this.host.settings().zone);
  }

  /** Draw what has changed; whether the picture is not yet all there. */
  draw(): boolean {
    const { session, host } = this;
    const settings = host.settings();
    const dense = Math.min(DENSEST, devicePixelRatio || 1);
    this.width = this.area.clientWidth;
    this.height = this.area.clientHeight;
    if (!this.width || !this.height) return false;
    const projection = this.projection();
    let again = false;
    if (this.pictureDirty) {
      this.pictureDirty = false;
      fit(this.base, this.width, this.height, dense);
      this.base.paper.setTransform(1, 0, 0, 1, 0, 0);
      const pixels = new Projection(session.view, this.base.canvas.width, this.base.canvas.height, settings.scale);
      const drawn = drawSpectrogram(this.base.paper, pixels, session.pictures, session.limits, this.styled(settings), session.ready);
      again = drawn.again;
      this.area.dataset["complete"] = String(drawn.complete);
      this.area.dataset["view"] = [session.view.start, session.view.end, session.view.low, session.view.high].join(" ");
      this.pictureDirty = again;
      this.axes(projection, dense);
      const free = host.tool() === "move" && session.view.high - session.view.low >= session.limits.nyquist - 1;
      this.area.style.touchAction = free ? "pan-y" : "none";
    }
    fit(this.over, this.width, this.height, dense);
    drawOverlay(this.over.paper, { session, projection, draft: this.draft, moved: this.moved,
      cursor: host.playing(session) ?? session.cursor, font: host.palette().font });
    return again;
  }

  /** The sheets with their places, for a picture of the whole. */
  sheets(): { canvas: HTMLCanvasElement; x: number; y: number; width: number; height: number }[] {
    const home = this.element.getBoundingClientRect();
    return [this.left, this.base, this.over, this.wave, this.below].map(({ canvas }) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return { canvas, x: left - home.left, y: top - home.top, width, height };
    });
  }

  private styled(settings: Settings): Style {
    const { tiles } = this.session.pictures;
    if (this.style?.of !== settings || this.style.tiles !== tiles) {
      this.style = { of: settings, tiles, style: styleOf(settings, tiles) };
    }
    return this.style.style;
  }

  private axes(projection: Projection, dense: number): void {
    const { session, host } = this;
    const colours = host.palette();
    fit(this.left, FREQUENCY_PX, this.height, dense);
    drawFrequencies(this.left.paper, FREQUENCY_PX, projection, host.locale, colours);
    fit(this.below, this.width, TIME_ROW_PX * 2 + 2, dense);
    const clock = this.clock();
    const zone = clock?.zone === "local" ? host.texts.local : "UTC";
    drawTimes(this.below.paper, TIME_ROW_PX * 2 + 2, projection, clock,
      clock ? dayOf(projection, clock, zone) : "", colours);
    fit(this.wave, this.width, WAVE_PX, dense);
    this.wave.paper.clearRect(0, 0, this.width, WAVE_PX);
    drawWave(this.wave.paper, this.width, WAVE_PX, session.waves.under(projection, session.ready), colours.wave);
  }

  private preview(draft: Draft | null, moved: Box | null): void {
    this.draft = draft;
    this.moved = moved;
    this.host.schedule();
  }

  private turn(event: WheelEvent): void {
    event.preventDefault();
    const { session } = this;
    const y = event.clientY - this.area.getBoundingClientRect().top;
    session.look(zoomFrequency(session.view, Math.exp(-event.deltaY * 0.003), this.projection().hz(y),
      session.limits, this.host.settings().scale));
  }

  /** Dragging an axis shifts the picture along it. */
  private slide(axis: HTMLElement, time: boolean): void {
    let from: { x: number; y: number } | null = null;
    let start = whole(this.session.limits);
    axis.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.host.activate(this);
      axis.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY };
      start = this.session.view;
    });
    axis.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.session.look(pan(start, time ? (from.x - event.clientX) / this.width : 0,
        time ? 0 : (event.clientY - from.y) / this.height, this.session.limits, this.host.settings().scale));
    });
    for (const end of ["pointerup", "pointercancel"]) axis.addEventListener(end, () => { from = null; });
  }
}
