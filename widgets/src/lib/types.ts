/** What the panels in the kernel send: mirrors octolab.model where it can. */

export type Kind = "frame" | "clip" | "sound";

export interface Item {
  readonly id: number;
  readonly kind: Kind;
  readonly cid: string;
  readonly name: string;
  readonly at: string;
  readonly source: string | null;
  readonly camera: string | null;
  readonly tags: readonly string[];
  readonly width: number | null;
  readonly height: number | null;
  readonly duration_s: number | null;
  readonly size: number;
  readonly media_type: string;
  selected: boolean;
}

export interface Label {
  readonly name: string;
  readonly score: number;
}

export interface Analysis {
  readonly analyzer: string;
  readonly title: string;
  readonly version: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly labels: readonly Label[];
  readonly regions: number;
  readonly events: readonly {
    readonly start: number; readonly end: number; readonly label: string; readonly score: number;
    readonly peak_hz: number | null; readonly snr_db: number | null;
  }[];
  readonly metrics: Readonly<Record<string, { value: number; unit: string; error: number | null }>>;
  readonly model: string | null;
  readonly duration_s: number;
  readonly created_at: string;
  readonly overlay: boolean;
}

export interface AnalyzerChoice {
  readonly name: string;
  readonly title: string;
  readonly kinds: readonly Kind[];
  readonly overlay: boolean;
  /** Whether the server has it too, not only the notebook that registered it. */
  readonly installed: boolean;
}

export interface Choice {
  readonly name: string;
  readonly title: string;
}

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly done: number;
  readonly total: number | null;
  readonly message: string;
  readonly error: string;
  readonly result: unknown;
}

export const finished = (job: Job): boolean => job.state !== "queued" && job.state !== "running";
