/** The tiles of one sound: asked for, decoded, painted in the colours of the moment. */
import { blob, type Channel } from "../lib/channel";
import { Lru } from "../lib/lru";
import { DETAIL_COLUMNS, DETAIL_ROWS, extent, type Extent, name, type TileKey } from "./grid";
import { type Grey, grey, half, paint, rowsFor } from "./picture";
import { Queue, type Wanted } from "./queue";
import type { Tiles } from "./types";
import type { Limits, Scale } from "./view";

/** How tiles are to be painted; `version` changes when anything of it does. */
export interface Style {
  readonly version: number;
  readonly colours: Uint32Array;
  readonly scale: Scale;
  readonly peaks: boolean;
}

/** A painted tile and what it covers. */
export interface Painted {
  readonly canvas: OffscreenCanvas;
  readonly place: Extent;
}

interface Kept extends Painted {
  readonly version: number;
}

const MOST_TILES = 240;
const MOST_PAINTED = 120;
const OVERVIEW_ROWS = 256;

let scratch: OffscreenCanvasRenderingContext2D | null = null;

async function decode(bytes: DataView): Promise<Grey> {
  const image = await createImageBitmap(blob(bytes, "image/webp"), { colorSpaceConversion: "none" });
  const { width, height } = image;
  scratch ??= new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  const { canvas } = scratch;
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  scratch.drawImage(image, 0, 0);
  image.close();
  return grey(scratch.getImageData(0, 0, width, height).data, width, height);
}

export class Pictures {
  private readonly queue: Queue<Grey | null>;
  private readonly painted = new Lru<string, Kept>(MOST_PAINTED);
  private readonly details = new Map<string, TileKey>();

  constructor(private readonly channel: Channel, private readonly id: number,
    private readonly track: number | null, public tiles: Tiles, private readonly limits: Limits,
    onready: () => void, onerror: (error: unknown) => void) {
    this.queue = new Queue(MOST_TILES);
    this.queue.onready = onready;
    this.queue.onerror = onerror;
  }

  has(key: TileKey): boolean {
    return this.queue.has(name(key));
  }

  /** Whether there is nothing in a tile, as past the end of a sound. */
  empty(key: TileKey): boolean {
    return this.queue.get(name(key)) === null;
  }

  /** The detail tiles that are here, for standing in; coarse ones first. */
  get known(): TileKey[] {
    const found = [...this.details].filter(([key]) => this.queue.has(key)).map(([, key]) => key);
    return found.sort((a, b) => (a.kind === "detail" && b.kind === "detail" ? a.k - b.k || a.j - b.j : 0));
  }

  want(keys: readonly TileKey[]): void {
    this.queue.want(keys.map((key): Wanted<Grey | null> => ({ key: name(key), load: () => this.load(key) })));
  }

  /** The painted tile; an outdated one when there is no time to paint it anew. */
  get(key: TileKey, style: Style, mayPaint: boolean): { painted: Painted; stale: boolean } | null {
    const known = this.painted.get(name(key));
    if (known?.version === style.version) return { painted: known, stale: false };
    const tile = this.queue.get(name(key));
    if (!tile) return null;
    if (!mayPaint) return known ? { painted: known, stale: true } : null;
    return { painted: this.repaint(key, tile, style, known), stale: false };
  }

  /** The sound's overview is there now, maybe with another range of dB. */
  renew(tiles: Tiles): void {
    this.tiles = tiles;
    this.queue.clear();
    this.painted.clear();
    this.details.clear();
  }

  close(): void {
    this.queue.close();
    this.painted.clear();
    this.details.clear();
  }

  private async load(key: TileKey): Promise<Grey | null> {
    const common = { id: this.id, ...(this.track === null ? {} : { channel: this.track }) };
    if (key.kind === "overview") {
      const { buffers } = await this.channel.call("tile", { ...common, level: key.level, index: key.index });
      return buffers[0]?.byteLength ? decode(buffers[0]) : null;
    }
    const place = extent(key, this.tiles, this.limits);
    const { buffers } = await this.channel.call("detail", {
      ...common, start_s: place.start, end_s: place.end, low_hz: place.low, high_hz: place.high,
      columns: DETAIL_COLUMNS, rows: DETAIL_ROWS, ...(key.peaks ? { peaks: true } : {}),
    });
    this.details.set(name(key), key);
    return buffers[0]?.byteLength ? decode(buffers[0]) : null;
  }

  private repaint(key: TileKey, tile: Grey, style: Style, known: Kept | undefined): Kept {
    const whole = extent(key, this.tiles, this.limits);
    const part = key.kind === "overview" ? half(tile, style.peaks) : tile;
    // The last tile of an overview ends with the sound.
    const columns = key.kind === "overview" ? this.tiles.columns : DETAIL_COLUMNS;
    const place = { ...whole, end: whole.start + (whole.end - whole.start) * (tile.width / columns) };
    const height = key.kind === "overview" && style.scale === "mel" ? part.height
      : key.kind === "overview" ? OVERVIEW_ROWS : part.height;
    const rows = rowsFor(place, part.height, height, style.scale,
      key.kind === "overview" ? this.tiles.row_hz : null);
    const canvas = known?.canvas.height === height ? known.canvas : new OffscreenCanvas(tile.width, height);
    const image = new ImageData(tile.width, height);
    paint(part, rows, style.colours, new Uint32Array(image.data.buffer));
    canvas.getContext("2d", { alpha: false })!.putImageData(image, 0, 0);
    const kept = { canvas, place, version: style.version };
    this.painted.set(name(key), kept);
    return kept;
  }
}
