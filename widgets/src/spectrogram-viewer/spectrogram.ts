/** Draws the part of a sound that is in sight: the best tiles there are, coarser ones meanwhile. */
import { ahead, choose, extent, name, overlaps, overview, type TileKey } from "./grid";
import type { Painted, Pictures, Style } from "./pictures";
import type { Limits, Projection } from "./view";

/** Milliseconds a frame may spend on painting tiles. */
const BUDGET_MS = 7;
/** A tile that would be drawn larger than this many canvases is cropped first. */
const LARGEST = 3;

export interface Drawn {
  /** Tiles are still to be painted: draw once more. */
  readonly again: boolean;
  /** All that the view wants is drawn. */
  readonly complete: boolean;
}

/**
 * Draw and ask for what is missing. `pixels` maps the view to device pixels.
 *
 * Without an overview (`ready` is false) the picture fills with what detail covers.
 */
export function drawSpectrogram(paper: CanvasRenderingContext2D, pixels: Projection, pictures: Pictures,
  limits: Limits, style: Style, ready: boolean): Drawn {
  const { tiles } = pictures;
  const choice = choose(pixels, tiles, limits, ready, style.peaks);
  const until = performance.now() + BUDGET_MS;
  const done = new Set<string>();
  let again = false;
  const draw = (key: TileKey): boolean => {
    if (pictures.empty(key)) return true;
    const found = pictures.get(key, style, performance.now() < until);
    if (!found) {
      again ||= pictures.has(key) && performance.now() >= until;
      return false;
    }
    again ||= found.stale;
    if (!done.has(name(key))) put(paper, pixels, found.painted);
    done.add(name(key));
    return true;
  };

  paper.fillStyle = ground(style);
  paper.fillRect(0, 0, pixels.width, pixels.height);
  const whole = choice.keys.length > 0 && choice.keys.every((key) => pictures.has(key));
  const level = Math.max(0, Math.round(Math.log2(pixels.secondsPerPixel / tiles.base_s)));
  const under = ready && choice.detail ? overview(pixels, tiles, limits, 0) : [];
  if (!whole && ready) standIns(overview(pixels, tiles, limits, level), tiles.levels, pictures).forEach(draw);
  if (!whole) {
    for (const key of pictures.known) {
      if (overlaps(extent(key, tiles, limits), pixels.view)) draw(key);
    }
  }
  const complete = choice.keys.map(draw).every(Boolean) && choice.keys.length > 0;

  const middle = (pixels.view.start + pixels.view.end) / 2;
  const far = (key: TileKey): number => {
    const place = extent(key, tiles, limits);
    return Math.abs((place.start + place.end) / 2 - middle);
  };
  const wanted = [...choice.keys].sort((a, b) => far(a) - far(b));
  const top: TileKey[] = ready ? [{ kind: "overview", level: tiles.levels - 1, index: 0 }] : [];
  pictures.want([...top, ...under, ...wanted, ...(wanted.length ? ahead(wanted, tiles, limits) : [])]);
  return { again, complete };
}

/** For each overview tile the nearest coarser one that is here, coarsest first. */
function standIns(keys: readonly TileKey[], levels: number, pictures: Pictures): TileKey[] {
  const found = new Map<string, TileKey>();
  for (const key of keys) {
    if (key.kind !== "overview") continue;
    for (let { level, index } = key; level < levels; level++, index >>= 1) {
      const one: TileKey = { kind: "overview", level, index };
      if (!pictures.has(one)) continue;
      found.set(name(one), one);
      break;
    }
  }
  return [...found.values()].sort((a, b) => (b.kind === "overview" && a.kind === "overview" ? b.level - a.level : 0));
}

/** Put a painted tile in its place; edges lie on whole pixels so that neighbours meet. */
function put(paper: CanvasRenderingContext2D, pixels: Projection, { canvas, place }: Painted): void {
  const left = pixels.x(place.start);
  const right = pixels.x(place.end);
  const top = pixels.y(place.high);
  const bottom = pixels.y(place.low);
  if (right <= 0 || left >= pixels.width || bottom <= 0 || top >= pixels.height) return;
  if (right - left < LARGEST * pixels.width && bottom - top < LARGEST * pixels.height) {
    const [x, y] = [Math.round(left), Math.round(top)];
    paper.drawImage(canvas, x, y, Math.max(1, Math.round(right) - x), Math.max(1, Math.round(bottom) - y));
    return;
  }
  const [x0, x1] = [Math.max(left, 0), Math.min(right, pixels.width)];
  const [y0, y1] = [Math.max(top, 0), Math.min(bottom, pixels.height)];
  const across = canvas.width / (right - left);
  const down = canvas.height / (bottom - top);
  paper.drawImage(canvas, (x0 - left) * across, (y0 - top) * down, (x1 - x0) * across, (y1 - y0) * down,
    x0, y0, x1 - x0, y1 - y0);
}

function ground({ colours }: Style): string {
  const darkest = colours[0]!;
  return `rgb(${darkest & 255} ${(darkest >> 8) & 255} ${(darkest >> 16) & 255})`;
}
