/** What a log entry is and which are shown. */

export type Level = "debug" | "info" | "warning" | "error";

export interface Entry {
  readonly id: number;
  readonly at: string;
  readonly level: Level;
  readonly text: string;
  readonly origin: string;
}

export interface Shown {
  readonly level: string;
  readonly text: string;
}

const RANK: Record<string, number> = { debug: 0, info: 1, warning: 2, error: 3 };

/** All words must be there, in the text or the origin, whatever the case. */
export function matches(entry: Entry, shown: Shown): boolean {
  if ((RANK[entry.level] ?? 1) < (RANK[shown.level] ?? 0)) return false;
  const hay = `${entry.text} ${entry.origin}`.toLowerCase();
  return shown.text.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
}
