import type { AnalyzerChoice } from "../lib/types";

export type SourceState = "off" | "connecting" | "live" | "stalled" | "error";

export interface Observed {
  readonly state: SourceState;
  readonly detail: string;
  readonly last_frame_at: string | null;
  readonly recording_since: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
}

export interface Desired {
  readonly enabled: boolean;
  readonly recording: boolean;
  readonly interval_s: number | null;
  readonly interval_gallery: string | null;
  readonly analyzer: string | null;
  readonly analyzer_fps: number;
}

export interface CameraInfo {
  readonly slug: string;
  readonly name: string;
  readonly url: string;
  readonly webcam: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly desired: Desired;
  readonly observed: Observed;
  /** The analyzer whose findings lie over the live picture. */
  readonly overlay: string | null;
}

export interface GridState {
  /** Grows with each state the kernel makes; it may come out of turn. */
  readonly revision: number;
  readonly cameras: readonly CameraInfo[];
  readonly analyzers: readonly AnalyzerChoice[];
  readonly galleries: readonly string[];
  /** After adding: the new camera. */
  readonly slug?: string;
}

export const WEBCAM_URL = "webcam://browser";
