/** The strip above: the wave form of the whole sound, its events, and the part in sight. */
import { clamp, type Cleanup, h } from "../lib/dom";
import type { Palette } from "./palette";
import type { Row, Session } from "./session";
import { bound, Projection, whole, zoomTime } from "./view";
import { drawWave } from "./waves";

const HEIGHT = 44;
const SLIMMEST_PX = 6;

export class Overview {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private readonly kept = document.createElement("canvas");
  private dirty = true;

  constructor(private readonly session: Session, private readonly palette: () => Palette,
    label: string, schedule: () => void, cleanup: Cleanup) {
    this.element = h("div", { class: "ol-overview", role: "img", "aria-label": label, style: `height:${HEIGHT}px` }, this.canvas);
    let grab: number | null = null;
    const time = (event: MouseEvent): number => {
      const area = this.element.getBoundingClientRect();
      return clamp((event.clientX - area.left) / area.width, 0, 1) * session.limits.duration;
    };
    const go = (start: number): void => {
      const { view } = session;
      session.look({ ...view, start, end: start + (view.end - view.start) });
    };
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const { view } = session;
      const at = time(event);
      this.element.setPointerCapture(event.pointerId);
      if (at < view.start || at > view.end) go(at - (view.end - view.start) / 2);
      grab = at - session.view.start;
    });
    this.element.addEventListener("pointermove", (event) => { if (grab !== null) go(time(event) - grab); });
    for (const end of ["pointerup", "pointercancel"]) this.element.addEventListener(end, () => { grab = null; });
    this.element.addEventListener("wheel", (event) => {
      event.preventDefault();
      session.look(zoomTime(session.view, Math.exp(-event.deltaY * 0.003), time(event), session.limits));
    }, { passive: false });
    const again = (): void => { this.dirty = true; schedule(); };
    const sized = new ResizeObserver(again);
    sized.observe(this.element);
    cleanup.add(() => sized.disconnect(), session.on("picture", again), session.on("list", again),
      session.on("status", again));
  }

  /** The theme has changed. */
  refresh(): void {
    this.dirty = true;
  }

  /** The whole sound as pixels of this strip: what the wave form is asked for. */
  pixels(): Projection {
    return new Projection(bound(whole(this.session.limits), this.session.limits),
      Math.max(1, this.element.clientWidth), HEIGHT, "linear");
  }

  draw(cursor: number): void {
    const dense = Math.min(2, devicePixelRatio || 1);
    const { canvas, kept } = this;
    const pixels = this.pixels();
    const { width } = pixels;
    const { view } = this.session;
    const size: readonly [number, number] = [Math.round(width * dense), Math.round(HEIGHT * dense)];
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
      this.dirty = true;
    }
    if (this.dirty) {
      this.dirty = false;
      [kept.width, kept.height] = size;
      this.fill(kept.getContext("2d")!, pixels, dense);
    }
    const paper = canvas.getContext("2d")!;
    paper.setTransform(1, 0, 0, 1, 0, 0);
    paper.clearRect(0, 0, ...size);
    paper.drawImage(kept, 0, 0);
    paper.setTransform(dense, 0, 0, dense, 0, 0);
    const colours = this.palette();
    const left = pixels.x(view.start);
    const wide = Math.max(SLIMMEST_PX, pixels.x(view.end) - left);
    const x = Math.min(left, width - wide);
    paper.globalAlpha = 0.72;
    paper.fillStyle = colours.sunken;
    paper.fillRect(0, 0, x, HEIGHT);
    paper.fillRect(x + wide, 0, width, HEIGHT);
    paper.globalAlpha = 1;
    paper.strokeStyle = colours.accent;
    paper.lineWidth = 2;
    paper.strokeRect(x + 1, 1, wide - 2, HEIGHT - 2);
    paper.fillStyle = "#ff6b5e";
    paper.fillRect(pixels.x(cursor) - 0.75, 0, 1.5, HEIGHT);
  }

  private fill(paper: CanvasRenderingContext2D, pixels: Projection, dense: number): void {
    const colours = this.palette();
    paper.setTransform(dense, 0, 0, dense, 0, 0);
    drawWave(paper, pixels.width, HEIGHT, this.session.waves.under(pixels, this.session.ready), colours.wave);
    const ticks = (rows: readonly Row[], colour: string, top: number): void => {
      paper.fillStyle = colour;
      for (const x of new Set(rows.map(({ box }) => Math.round(pixels.x(box.start))))) {
        paper.fillRect(x - 0.5, top, 1, 5);
      }
    };
    ticks(this.session.eventRows, "#12a594", 0);
    ticks(this.session.markRows, "#c98a00", HEIGHT - 5);
  }
}
