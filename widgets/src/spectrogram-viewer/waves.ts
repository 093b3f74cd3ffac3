/** The wave form of a sound: the lowest and highest sample of each column, at every zoom. */
import type { Channel } from "../lib/channel";
import { lastDetail, span } from "./grid";
import { Queue, type Wanted } from "./queue";
import type { Tiles } from "./types";
import type { Limits, Projection } from "./view";

const MOST_PIECES = 400;
const MOST_AT_ONCE = 12;
/** Columns of the finest level that may fall into one pixel. */
const FINEST_PX = 64;

/** Lowest and highest of `level`'s columns under each pixel; NaN where nothing has come. */
export function envelope(pixels: Projection, tiles: Tiles, level: number,
  piece: (level: number, index: number) => Int8Array | undefined): { low: Float32Array; high: Float32Array } {
  const width = Math.ceil(pixels.width);
  const low = new Float32Array(width).fill(NaN);
  const high = new Float32Array(width).fill(NaN);
  const column = tiles.base_s * 2 ** level;
  for (let x = 0; x < width; x++) {
    const first = Math.max(0, Math.floor(pixels.time(x) / column));
    const last = Math.max(first, Math.ceil(pixels.time(x + 1) / column) - 1);
    for (let c = first; c <= last; c++) {
      const pairs = piece(level, Math.floor(c / tiles.columns));
      const at = 2 * (c % tiles.columns);
      if (!pairs || at >= pairs.length) continue;
      if (!(low[x]! <= pairs[at]!)) low[x] = pairs[at]!;
      if (!(high[x]! >= pairs[at + 1]!)) high[x] = pairs[at + 1]!;
    }
  }
  return { low, high };
}

export class Waves {
  private readonly queue: Queue<Int8Array>;
  private peak = 0;

  constructor(private readonly channel: Channel, private readonly id: number,
    private readonly track: number | null, private tiles: Tiles, private readonly limits: Limits,
    onready: () => void, onerror: (error: unknown) => void) {
    this.queue = new Queue(MOST_PIECES, 2);
    this.queue.onready = onready;
    this.queue.onerror = onerror;
  }

  /** The level whose columns are about a pixel wide. */
  level(pixels: Projection, ready: boolean): number {
    const level = Math.round(Math.log2(pixels.secondsPerPixel / this.tiles.base_s));
    const most = ready ? this.tiles.levels - 1 : -1;
    return Math.max(-lastDetail(this.tiles, this.limits), Math.min(level, most));
  }

  /** What the views of a frame need, the most important first. */
  want(parts: readonly { readonly pixels: Projection; readonly ready: boolean }[]): void {
    const wanted: Wanted<Int8Array>[] = [];
    for (const { pixels, ready } of parts) {
      const level = this.level(pixels, ready);
      const length = span(this.tiles, level);
      const first = Math.max(0, Math.floor(pixels.view.start / length));
      const last = Math.ceil(Math.min(pixels.view.end, this.limits.duration) / length - 1e-9);
      if (last - first > MOST_AT_ONCE) continue;
      for (let index = first; index < last; index++) {
        wanted.push({ key: `${level}/${index}`, load: () => this.load(level, index) });
      }
    }
    this.queue.want(wanted);
  }

  /** Low and high for each pixel as shares of the loudest sample seen; coarser where finer is missing. */
  under(pixels: Projection, ready: boolean): { low: Float32Array; high: Float32Array; gain: number } {
    const level = this.level(pixels, ready);
    // Without an overview there is nothing coarse enough for a long view.
    if (pixels.secondsPerPixel > FINEST_PX * this.tiles.base_s * 2 ** level) {
      const none = new Float32Array(Math.ceil(pixels.width)).fill(NaN);
      return { low: none, high: none, gain: 1 };
    }
    const found = envelope(pixels, this.tiles, level, (l, i) => this.queue.get(`${l}/${i}`));
    for (let up = level + 1; up < this.tiles.levels && found.low.some(Number.isNaN); up++) {
      const coarse = envelope(pixels, this.tiles, up, (l, i) => this.queue.get(`${l}/${i}`));
      for (let x = 0; x < found.low.length; x++) {
        if (!Number.isNaN(found.low[x]!)) continue;
        found.low[x] = coarse.low[x]!;
        found.high[x] = coarse.high[x]!;
      }
    }
    return { ...found, gain: 1 / Math.max(this.peak, 6) };
  }

  renew(tiles: Tiles): void {
    this.tiles = tiles;
    this.peak = 0;
    this.queue.clear();
  }

  close(): void {
    this.queue.close();
  }

  private async load(level: number, index: number): Promise<Int8Array> {
    const { tiles } = this;
    const { data, buffers } = await this.channel.call<{ columns?: number; empty?: boolean }>("wave",
      { id: this.id, level, index, ...(this.track === null ? {} : { channel: this.track }) });
    const bytes = buffers[0];
    if (!bytes) return new Int8Array(0);
    const pairs = new Int8Array(bytes.buffer, bytes.byteOffset, 2 * (data.columns ?? tiles.columns));
    if (tiles !== this.tiles) return pairs; // shares of another peak
    for (const value of pairs) this.peak = Math.max(this.peak, Math.abs(value));
    return pairs;
  }
}

/** Draw a bar from low to high in each column of pixels. */
export function drawWave(paper: CanvasRenderingContext2D, width: number, height: number,
  wave: { low: Float32Array; high: Float32Array; gain: number }, colour: string): void {
  const middle = height / 2;
  paper.fillStyle = colour;
  for (let x = 0; x < width; x++) {
    const high = wave.high[x]!;
    if (Number.isNaN(high)) continue;
    const top = middle - high * wave.gain * (middle - 1);
    const bottom = middle - wave.low[x]! * wave.gain * (middle - 1);
    paper.fillRect(x, Math.round(top - 0.5), 1, Math.max(1, Math.round(bottom - top + 1)));
  }
}
