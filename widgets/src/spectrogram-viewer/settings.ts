/** How sounds are shown; all but the contrast is kept in this browser. */
import type { Zone } from "./axes";
import { type ColourMap, table } from "./colours";
import type { Style } from "./pictures";
import type { Tiles } from "./types";
import type { Scale } from "./view";

export interface Settings {
  readonly map: ColourMap;
  readonly inverted: boolean;
  readonly scale: Scale;
  readonly peaks: boolean;
  readonly zone: Zone;
  /** While it plays, the picture glides past a cursor that stands, instead of turning pages. */
  readonly glide: boolean;
  /** The darkest and the brightest level in dB; null is what suits the sound. */
  readonly low: number | null;
  readonly high: number | null;
}

const KEY = "octolab.sounds";
const FIRST: Settings = {
  map: "magma", inverted: false, scale: "mel", peaks: false, zone: "UTC", glide: false, low: null, high: null,
};

export function loadSettings(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    return { ...FIRST, ...kept, low: null, high: null };
  } catch {
    return FIRST; // a page without storage, or with something else under that name
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...settings, low: null, high: null }));
  } catch {
    // then they last as long as the page
  }
}

let versions = 0;

/** How to paint the tiles of a sound under these settings. */
export function styleOf(settings: Settings, tiles: Tiles): Style {
  const look = { map: settings.map, inverted: settings.inverted,
    low: settings.low ?? tiles.db_low, high: settings.high ?? tiles.db_high };
  return { version: (versions += 1), colours: table(look, tiles.db_low, tiles.db_high),
    scale: settings.scale, peaks: settings.peaks };
}
