/** Which tiles a view needs, and what can stand in for one that has not come. Pure functions. */
import type { Tiles } from "./types";
import { Projection, type Limits } from "./view";

/** A piece of the overview. */
export interface OverviewKey {
  readonly kind: "overview";
  readonly level: number;
  readonly index: number;
}

/** A finer piece: time in spans of a base tile / 2**k, frequency in bands of nyquist / 2**j. */
export interface DetailKey {
  readonly kind: "detail";
  readonly k: number;
  readonly index: number;
  readonly j: number;
  readonly band: number;
  /** The highest instead of the mean of what falls into a pixel. */
  readonly peaks: boolean;
}

export type TileKey = OverviewKey | DetailKey;

/** What a tile covers. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
}

export const DETAIL_COLUMNS = 512;
export const DETAIL_ROWS = 256;
const LONGEST_DETAIL_S = 60;
const FINEST_BAND = 6;
/** A tile is split in frequency when one of its rows would be taller than this. */
const TALLEST_ROW_PX = 2.2;
const MOST_DETAIL_SPANS = 10;

export const name = (key: TileKey): string => key.kind === "overview"
  ? `o${key.level}/${key.index}` : `d${key.k}/${key.index}/${key.j}/${key.band}${key.peaks ? "p" : ""}`;

/** Seconds of an overview tile. */
export const span = (tiles: Tiles, level: number): number =>
  tiles.base_s * tiles.columns * 2 ** level;

export function extent(key: TileKey, tiles: Tiles, limits: Limits): Extent {
  if (key.kind === "overview") {
    const length = span(tiles, key.level);
    return { start: key.index * length, end: (key.index + 1) * length, low: tiles.low_hz, high: tiles.high_hz };
  }
  const length = span(tiles, -key.k);
  const band = limits.nyquist / 2 ** key.j;
  return { start: key.index * length, end: (key.index + 1) * length,
    low: key.band * band, high: (key.band + 1) * band };
}

/** The first k whose detail is short enough to be asked for. */
function firstDetail(tiles: Tiles): number {
  return Math.max(1, Math.ceil(Math.log2(span(tiles, 0) / LONGEST_DETAIL_S) - 1e-9));
}

/** The last k whose columns are not shorter than two samples. */
export function lastDetail(tiles: Tiles, limits: Limits): number {
  const shortest = 1 / limits.nyquist;
  return Math.max(firstDetail(tiles), Math.floor(Math.log2(tiles.base_s / shortest)));
}

export interface Choice {
  /** Best first; drawn over `under`. */
  readonly keys: readonly TileKey[];
  /** Detail is wanted; the overview still shows what has not come. */
  readonly detail: boolean;
}

/**
 * The tiles to draw for a view, `pixels` being device pixels.
 *
 * Columns of the chosen level are between 0.7 and 1.4 pixels wide. Detail is chosen when the
 * overview would be blurred in time, or in frequency while few tiles cover the view; without an
 * overview (`ready` is false) detail is all there is.
 */
export function choose(pixels: Projection, tiles: Tiles, limits: Limits, ready: boolean, peaks = false): Choice {
  const level = Math.round(Math.log2(pixels.secondsPerPixel / tiles.base_s));
  const first = firstDetail(tiles);
  const length = pixels.view.end - pixels.view.start;
  const few = length / span(tiles, -first) <= MOST_DETAIL_SPANS;
  const blurred = (pixels.view.high - pixels.view.low) < limits.nyquist * 0.6;
  const wanted = level < 0 || (few && (blurred || !ready));
  if (!wanted || !few) {
    return { keys: ready ? overview(pixels, tiles, limits, Math.max(0, level)) : [], detail: false };
  }
  const k = Math.min(Math.max(first, -level), lastDetail(tiles, limits));
  return { keys: detail(pixels, tiles, limits, k, peaks), detail: true };
}

/** The overview tiles of a level (or the nearest there is) under a view. */
export function overview(pixels: Projection, tiles: Tiles, limits: Limits, level: number): OverviewKey[] {
  const at = Math.min(Math.max(level, 0), tiles.levels - 1);
  return indices(pixels, span(tiles, at), limits)
    .map((index) => ({ kind: "overview", level: at, index }));
}

function detail(pixels: Projection, tiles: Tiles, limits: Limits, k: number, peaks: boolean): DetailKey[] {
  const bands = split(pixels, limits, 0, 0);
  return indices(pixels, span(tiles, -k), limits)
    .flatMap((index) => bands.map(([j, band]) => ({ kind: "detail" as const, k, index, j, band, peaks })));
}

/** Halve a band until its rows are fine enough where they are tallest. */
function split(pixels: Projection, limits: Limits, j: number, band: number): [number, number][] {
  const width = limits.nyquist / 2 ** j;
  const [low, high] = [band * width, (band + 1) * width];
  if (high <= pixels.view.low || low >= pixels.view.high) return [];
  const row = width / DETAIL_ROWS;
  const from = Math.max(low, pixels.view.low);
  const tallest = pixels.y(from) - pixels.y(from + row);
  if (tallest <= TALLEST_ROW_PX || j >= FINEST_BAND) return [[j, band]];
  return [...split(pixels, limits, j + 1, band * 2), ...split(pixels, limits, j + 1, band * 2 + 1)];
}

function indices(pixels: Projection, length: number, limits: Limits): number[] {
  const first = Math.max(0, Math.floor(pixels.view.start / length + 1e-9));
  const last = Math.ceil(Math.min(pixels.view.end, limits.duration) / length - 1e-9);
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
}

/** What to fetch ahead: the same grid one step later and earlier, then the coarser level. */
export function ahead(keys: readonly TileKey[], tiles: Tiles, limits: Limits): TileKey[] {
  const found: TileKey[] = [];
  const seen = new Set(keys.map(name));
  const add = (key: TileKey): void => {
    if (seen.has(name(key))) return;
    seen.add(name(key));
    found.push(key);
  };
  const all = keys.map((key) => key.index);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  for (const [edge, index] of [[high, high + 1], [low, low - 1]] as const) {
    for (const key of keys) {
      const start = index * span(tiles, key.kind === "overview" ? key.level : -key.k);
      if (key.index === edge && index >= 0 && start < limits.duration) add({ ...key, index });
    }
  }
  for (const key of keys) {
    if (key.kind === "overview" && key.level < tiles.levels - 1) {
      add({ ...key, level: key.level + 1, index: key.index >> 1 });
    }
  }
  return found;
}

/** Whether one tile covers all of another's place. */
export const covers = (a: Extent, b: Extent): boolean =>
  a.start <= b.start + 1e-9 && a.end >= b.end - 1e-9 && a.low <= b.low + 1e-6 && a.high >= b.high - 1e-6;

export const overlaps = (a: Extent, b: Extent): boolean =>
  a.start < b.end && a.end > b.start && a.low < b.high && a.high > b.low;
