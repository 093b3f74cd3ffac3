/** Samples on their way from the microphone: their level, their form, their moment. Pure. */

/** Samples from -1 to 1 as 16 bits, lowest byte first; louder ones are cut off. */
export function sixteenBits(samples: Float32Array): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  samples.forEach((sample, i) => {
    view.setInt16(2 * i, Math.round(Math.min(Math.max(sample, -1), 1) * 32_767), true);
  });
  return view.buffer;
}

/** The highest magnitude. */
export function peak(samples: Float32Array): number {
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most;
}

/** How far a meter of 60 dB is filled. */
export const fullness = (level: number): number =>
  Math.min(Math.max(1 + (20 * Math.log10(Math.max(level, 1e-9))) / 60, 0), 1);

/**
 * When the first sample was: each block tells, and the one that came with the least delay is
 * the surest.
 */
export class Start {
  private frames = 0;
  private early = Infinity;
  private late = -Infinity;

  constructor(private readonly sr: number) {}

  /** A block of so many frames has come at that time. */
  came(frames: number, now_ms: number): void {
    this.frames += frames;
    const began = now_ms - (this.frames / this.sr) * 1000;
    this.early = Math.min(this.early, began);
    this.late = Math.max(this.late, began);
  }

  get ms(): number {
    return this.early;
  }

  /** How far apart the blocks put it, in seconds. */
  get spread_s(): number {
    return Math.max(0, this.late - this.early) / 1000;
  }
}
