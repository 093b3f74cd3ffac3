/** From a grey tile to the pixels of a canvas: rows moved to their place, greys to colours. Pure. */
import type { Extent } from "./grid";
import { hertz, mel, type Scale } from "./view";

/** Grey values, row 0 at the top (the highest frequency). */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The red of each pixel. */
export function grey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = rgba[4 * i]!;
  return { width, height, data };
}

/** One half of an overview tile: means above, the highest below. */
export function half(tile: Grey, peaks: boolean): Grey {
  const height = tile.height >> 1;
  const from = peaks ? height * tile.width : 0;
  return { width: tile.width, height, data: tile.data.subarray(from, from + height * tile.width) };
}

/** Where a frequency lies among the centres of rows, lowest first; may fall between two. */
export function rowAt(centres: readonly number[], hz: number): number {
  const last = centres.length - 1;
  if (hz <= centres[0]!) return 0;
  if (hz >= centres[last]!) return last;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (centres[middle]! <= hz) low = middle;
    else high = middle;
  }
  return low + (hz - centres[low]!) / (centres[high]! - centres[low]!);
}

/**
 * For each of `height` rows of the painted picture, from the top, the row of the tile it shows.
 *
 * `centres` are those of an overview tile; a detail tile has none and is linear in frequency.
 */
export function rowsFor(place: Extent, rows: number, height: number, scale: Scale,
  centres: readonly number[] | null): Float32Array {
  const [low, high] = scale === "mel" ? [mel(place.low), mel(place.high)] : [place.low, place.high];
  const found = new Float32Array(height);
  for (let i = 0; i < height; i++) {
    const at = high - ((i + 0.5) / height) * (high - low);
    const hz = scale === "mel" ? hertz(at) : at;
    const row = centres ? rows - 1 - rowAt(centres, hz)
      : ((place.high - hz) / (place.high - place.low)) * rows - 0.5;
    found[i] = Math.min(Math.max(row, 0), rows - 1);
  }
  return found;
}

/** Paint a tile: each row a mix of the two nearest, each grey a colour. */
export function paint(tile: Grey, rows: Float32Array, colours: Uint32Array, out: Uint32Array): void {
  const { width, height, data } = tile;
  for (let y = 0; y < rows.length; y++) {
    const row = Math.floor(rows[y]!);
    const share = Math.round((rows[y]! - row) * 256);
    const a = row * width;
    const b = Math.min(row + 1, height - 1) * width;
    const to = y * width;
    if (share === 0) {
      for (let x = 0; x < width; x++) out[to + x] = colours[data[a + x]!]!;
    } else {
      for (let x = 0; x < width; x++) {
        out[to + x] = colours[(data[a + x]! * (256 - share) + data[b + x]! * share) >> 8]!;
      }
    }
  }
}
