/** From grey to colour by a table of 256 entries: maps, contrast, inversion. Pure functions. */

export type ColourMap = "magma" | "viridis" | "grey";

/** What a person sets for the picture. */
export interface Look {
  readonly map: ColourMap;
  readonly inverted: boolean;
  /** What becomes the darkest and the brightest colour, in dB below full scale. */
  readonly low: number;
  readonly high: number;
}

/** Nine colours of each map, evenly spaced (matplotlib's magma and viridis, CC0). */
const STOPS: Readonly<Record<ColourMap, readonly string[]>> = {
  magma: ["000004", "1d1147", "51127c", "832681", "b73779", "e75263", "fc8961", "fec488", "fcfdbf"],
  viridis: ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"],
  grey: ["000000", "ffffff"],
};

type Rgb = readonly [number, number, number];

const rgb = (hex: string): Rgb =>
  [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** The colour at `share` (0 to 1) of a map. */
export function colour(map: ColourMap, share: number): Rgb {
  const stops = STOPS[map];
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const at = Math.min(Math.floor(place), stops.length - 2);
  const [a, b] = [rgb(stops[at]!), rgb(stops[at + 1]!)];
  const mix = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * (place - at));
  return [mix(0), mix(1), mix(2)];
}

/** For each grey value its colour as the bytes of a canvas: 0xAABBGGRR. */
export function table(look: Look, dbLow: number, dbHigh: number): Uint32Array {
  const found = new Uint32Array(256);
  const range = Math.max(look.high - look.low, 1e-6);
  for (let grey = 0; grey < 256; grey++) {
    const db = dbLow + (grey / 255) * (dbHigh - dbLow);
    const share = Math.min(Math.max((db - look.low) / range, 0), 1);
    const [r, g, b] = colour(look.map, look.inverted ? 1 - share : share);
    found[grey] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  }
  return found;
}

/** A CSS gradient of a map, darkest first. */
export const gradient = (map: ColourMap, inverted: boolean): string => {
  const stops = STOPS[map].map((stop) => `#${stop}`);
  return `linear-gradient(90deg, ${(inverted ? stops.reverse() : stops).join(", ")})`;
};
