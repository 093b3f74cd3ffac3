/** Zooming and panning a picture that is fitted into a box. Pure arithmetic, then the events. */
import { clamp } from "./dom";

export interface View {
  /** 1 fits the picture into the box. */
  readonly scale: number;
  /** Shift of the picture's centre from the box's, in pixels. */
  readonly x: number;
  readonly y: number;
}

export const FIT: View = { scale: 1, x: 0, y: 0 };
export const MOST = 40;

/** Keep a picture of this fitted size from being pushed out of the box. */
export function bound(view: View, box: [number, number], fitted: [number, number]): View {
  const room = (i: 0 | 1): number => Math.max(0, (fitted[i] * view.scale - box[i]) / 2);
  return { scale: view.scale, x: clamp(view.x, -room(0), room(0)), y: clamp(view.y, -room(1), room(1)) };
}

/** Zoom by a factor about a point, given from the box's centre. */
export function zoomAt(view: View, factor: number, px: number, py: number): View {
  const scale = clamp(view.scale * factor, 1, MOST);
  const real = scale / view.scale;
  return { scale, x: px - (px - view.x) * real, y: py - (py - view.y) * real };
}

/** The size of a picture fitted into a box, never enlarged beyond `most` times. */
export function fitted(box: [number, number], picture: [number, number], most = 4): [number, number] {
  const scale = Math.min(box[0] / picture[0], box[1] / picture[1], most);
  return [picture[0] * scale, picture[1] * scale];
}

/** Makes `target` (inside `box`) zoom by wheel, pinch, double click and drag. */
export class Zoom {
  private view: View = FIT;
  private readonly pointers = new Map<number, PointerEvent>();
  onchange: (scale: number) => void = () => {};

  constructor(private readonly box: HTMLElement, private readonly target: HTMLElement,
    private readonly picture: () => [number, number]) {
    box.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.by(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), ...this.from(event));
    }, { passive: false });
    box.addEventListener("dblclick", (event) => {
      if (this.view.scale > 1.01) this.fit();
      else this.by(this.natural(), ...this.from(event));
    });
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.pointers.set(event.pointerId, event);
      box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      box.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
  }

  /** The factor at which one picture pixel is one screen pixel; at least 2. */
  private natural(): number {
    const size = fitted([this.box.clientWidth, this.box.clientHeight], this.picture());
    return Math.max(2, this.picture()[0] / Math.max(1, size[0]));
  }

  private from(event: MouseEvent): [number, number] {
    const area = this.box.getBoundingClientRect();
    return [event.clientX - area.left - area.width / 2, event.clientY - area.top - area.height / 2];
  }

  private drag(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.pointers.values()].filter((p) => p.pointerId !== event.pointerId);
    const other = others[0];
    this.pointers.set(event.pointerId, event);
    if (other) {
      const gap = (p: PointerEvent): number => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
      if (gap(before) > 0) this.by(gap(event) / gap(before), ...this.from(event));
      return;
    }
    this.apply({ ...this.view, x: this.view.x + event.clientX - before.clientX,
      y: this.view.y + event.clientY - before.clientY });
  }

  by(factor: number, px = 0, py = 0): void {
    this.apply(zoomAt(this.view, factor, px, py));
  }

  pan(dx: number, dy: number): void {
    this.apply({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  get zoomed(): boolean {
    return this.view.scale > 1.001;
  }

  fit(): void {
    this.apply(FIT);
  }

  private apply(view: View): void {
    const box: [number, number] = [this.box.clientWidth, this.box.clientHeight];
    this.view = bound(view, box, fitted(box, this.picture()));
    const { scale, x, y } = this.view;
    this.target.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.box.classList.toggle("ol-zoomed", this.zoomed);
    this.onchange(scale);
  }
}
