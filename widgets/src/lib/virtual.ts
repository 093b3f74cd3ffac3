/**
 * Which tiles of a very long grid are in sight. Pure arithmetic.
 *
 * A browser can't lay out an element taller than some ten million pixels, so a longer list is
 * scrolled through a shorter box: `scroll` runs over `boxSize`, `offset` over the real size.
 */

export const MAX_BOX = 12_000_000;

export interface Shape {
  /** "grid" wraps into rows and scrolls down; "strip" is one row that scrolls sideways. */
  readonly mode: "grid" | "strip";
  readonly count: number;
  /** Size of the viewport. */
  readonly width: number;
  readonly height: number;
  /** Wished width of a tile, its height, and the gap between tiles. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly gap: number;
}

export interface Layout extends Shape {
  readonly columns: number;
  readonly rows: number;
  /** The width a tile really gets: rows are filled. */
  readonly realWidth: number;
  /** Pixels from one row (grid) or one tile (strip) to the next. */
  readonly step: number;
  /** Length of the whole along the scrolling axis, and of the box that stands for it. */
  readonly size: number;
  readonly boxSize: number;
  readonly viewport: number;
}

export interface Window {
  readonly first: number;
  /** One past the last. */
  readonly last: number;
}

export function layout(shape: Shape): Layout {
  const { mode, count, width, height, tileWidth, tileHeight, gap } = shape;
  if (mode === "strip") {
    const step = tileWidth + gap;
    const size = Math.max(0, count * step - gap);
    return {
      ...shape, columns: Math.max(1, count), rows: Math.min(1, count), realWidth: tileWidth,
      step, size, boxSize: Math.min(size, MAX_BOX), viewport: width,
    };
  }
  const columns = Math.max(1, Math.floor((width + gap) / (tileWidth + gap)));
  const rows = Math.ceil(count / columns);
  const step = tileHeight + gap;
  const size = Math.max(0, rows * step - gap);
  return {
    ...shape, columns, rows, realWidth: Math.max(1, (width - gap * (columns - 1)) / columns),
    step, size, boxSize: Math.min(size, MAX_BOX), viewport: height,
  };
}

/** Where in the whole the viewport starts, for a scroll position of the box. */
export function offsetAt(l: Layout, scroll: number): number {
  const free = l.boxSize - l.viewport;
  if (free <= 0 || l.size === l.boxSize) return Math.max(0, Math.min(scroll, Math.max(0, free)));
  return (Math.max(0, Math.min(scroll, free)) / free) * (l.size - l.viewport);
}

/** The inverse of `offsetAt`. */
export function scrollFor(l: Layout, offset: number): number {
  const free = l.size - l.viewport;
  if (free <= 0) return 0;
  const clamped = Math.max(0, Math.min(offset, free));
  return l.size === l.boxSize ? clamped : (clamped / free) * (l.boxSize - l.viewport);
}

/** The tiles in sight, with `overscan` pixels on both sides. */
export function visible(l: Layout, scroll: number, overscan = 0): Window {
  const offset = offsetAt(l, scroll);
  const perStep = l.mode === "grid" ? l.columns : 1;
  const first = Math.floor(Math.max(0, offset - overscan) / l.step) * perStep;
  const last = Math.ceil((offset + l.viewport + overscan) / l.step) * perStep;
  return { first: Math.min(first, l.count), last: Math.min(last, l.count) };
}

/** Where a tile is drawn inside the box, for a scroll position. */
export function place(l: Layout, index: number, scroll: number): { x: number; y: number } {
  const shift = scroll - offsetAt(l, scroll);
  if (l.mode === "strip") return { x: index * l.step + shift, y: 0 };
  const column = index % l.columns;
  return {
    x: column * (l.realWidth + l.gap),
    y: Math.floor(index / l.columns) * l.step + shift,
  };
}

/** The scroll position that brings a tile into sight, moving as little as possible. */
export function reveal(l: Layout, index: number, scroll: number): number {
  const start = (l.mode === "strip" ? index : Math.floor(index / l.columns)) * l.step;
  const end = start + l.step - l.gap;
  const offset = offsetAt(l, scroll);
  if (start < offset) return scrollFor(l, start);
  if (end > offset + l.viewport) return scrollFor(l, end - l.viewport);
  return scroll;
}

/** Where a key moves the cursor to; undefined when the key means nothing here. */
export function moved(l: Layout, index: number, key: string): number | undefined {
  const across = l.mode === "strip" ? 1 : l.columns;
  const page = Math.max(1, Math.floor(l.viewport / l.step)) * (l.mode === "strip" ? 1 : l.columns);
  const steps: Record<string, number> = {
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across,
    PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity,
  };
  const step = steps[key];
  if (step === undefined || l.count === 0) return undefined;
  const target = index + step;
  if (Number.isFinite(step) && Math.abs(step) > 1 && (target < 0 || target >= l.count)) {
    return Math.abs(step) === across ? index : Math.max(0, Math.min(target, l.count - 1));
  }
  return Math.max(0, Math.min(target, l.count - 1));
}

/** Fixed blocks of `size` that cover a window: what to ask for and to remember. */
export function blocks(window: Window, size: number): number[] {
  const found: number[] = [];
  if (window.last <= window.first) return found;
  for (let b = Math.floor(window.first / size); b * size < window.last; b++) found.push(b);
  return found;
}
