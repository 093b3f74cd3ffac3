/** What the panel "sounds" in the kernel sends. */

export interface SoundRow {
  readonly id: number;
  readonly name: string;
  readonly duration_s: number | null;
  readonly captured_at_ms: number | null;
}

/** The grid of the overview: level L has columns of `base_s * 2**L` seconds. */
export interface Tiles {
  readonly columns: number;
  readonly rows: number;
  readonly base_s: number;
  readonly levels: number;
  readonly low_hz: number;
  readonly high_hz: number;
  /** The centres of the rows, lowest first. */
  readonly row_hz: readonly number[];
  readonly db_low: number;
  readonly db_high: number;
  /** Exact once the tiles are made; a header may promise another length. */
  readonly duration_s: number;
}

export interface AnalysisRow {
  readonly id: string;
  readonly analyzer: string;
  readonly title: string;
  readonly count: number;
  readonly created_at_ms: number;
  readonly threshold: number | null;
}

/** A box in time and frequency with a label: what `edit` takes. */
export interface Box {
  readonly start: number;
  readonly end: number;
  readonly low_hz: number | null;
  readonly high_hz: number | null;
  readonly label: string;
  readonly score: number;
  readonly peak_hz?: number | null;
  readonly snr_db?: number | null;
}

export interface Annotation extends Box {
  readonly id: number;
  readonly note?: string;
  readonly by?: string;
}

/** All annotations of a sound; of two such lists the one with the higher revision is the newer. */
export interface Marked {
  readonly revision: number;
  readonly annotations: readonly Annotation[];
}

export interface Opened extends Marked {
  readonly id: number;
  readonly name: string;
  readonly sr: number;
  readonly channels: number;
  readonly duration_s: number;
  readonly started_at_ms: number | null;
  readonly uncertainty_s: number | null;
  readonly ready: boolean;
  readonly job: string | null;
  readonly tiles: Tiles;
  readonly analyses: readonly AnalysisRow[];
}

/** The events of an analysis, a list for each property. */
export interface EventColumns {
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly peak: readonly (number | null)[];
  readonly score: readonly number[];
  readonly snr: readonly (number | null)[];
  readonly label: readonly string[];
}

export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

export interface Detector {
  readonly analyzer: string;
  readonly title: string;
  readonly presets: readonly Preset[];
  readonly params: Readonly<Record<string, unknown>>;
}
