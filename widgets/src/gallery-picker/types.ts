import type { AnalyzerChoice, Choice } from "../lib/types";

export interface Filter {
  readonly gallery: string | null;
  readonly kinds: readonly string[];
  readonly cameras: readonly string[];
  readonly tags: readonly string[];
  /** UTC days, both inclusive: "2026-11-22". */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly trash: boolean;
  readonly newest_first: boolean;
}

export const NO_FILTER: Filter = {
  gallery: null, kinds: [], cameras: [], tags: [], from: "", to: "", text: "", trash: false,
  newest_first: true,
};

export interface Facets {
  readonly total: number;
  readonly selected: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly cameras: readonly { slug: string; name: string; count: number }[];
  readonly tags: readonly { name: string; count: number }[];
  /** How many are in the trash. */
  readonly trash: number;
  readonly days: Readonly<Record<string, number>>;
}

export interface GalleryChoice {
  readonly slug: string;
  readonly name: string;
  readonly count: number;
}

export interface Choices {
  readonly gallery: string | null;
  readonly galleries: readonly GalleryChoice[];
  readonly cameras: readonly Choice[];
  readonly analyzers: readonly AnalyzerChoice[];
  readonly storages: readonly Choice[];
}

/** What the kernel is asked: days become moments, the last day is included. */
export function wire(filter: Filter): Record<string, unknown> {
  const { from, to, ...rest } = filter;
  return { ...rest, since: from ? `${from}T00:00:00Z` : null, until: to ? dayAfter(to) : null };
}

export function dayAfter(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 19) + "Z";
}

export const filtered = (f: Filter): boolean =>
  Boolean(f.gallery || f.kinds.length || f.cameras.length || f.tags.length || f.from || f.to
    || f.text || f.trash);
