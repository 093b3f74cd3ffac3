/** Samples out of the WAV pieces that the kernel sends, and fewer of them. Pure functions. */

export interface Samples {
  readonly rate: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Read 16 bit mono PCM; other chunks are passed over. */
export function readWav(view: DataView): Samples {
  let rate = 0;
  for (let at = 12; at + 8 <= view.byteLength;) {
    const id = view.getUint32(at);
    const size = view.getUint32(at + 4, true);
    if (id === 0x666d7420) rate = view.getUint32(at + 12, true); // "fmt "
    if (id === 0x64617461) { // "data"
      const count = Math.min(size, view.byteLength - at - 8) >> 1;
      const data = new Float32Array(count);
      for (let i = 0; i < count; i++) data[i] = view.getInt16(at + 8 + 2 * i, true) / 32768;
      return { rate, data };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error("not a WAV file");
}

const TAPS_A_STEP = 12;

/** Low-pass (windowed sinc) and keep every n-th sample, so that nothing folds back into hearing. */
export function decimate(samples: Samples, n: number): Samples {
  if (n <= 1) return samples;
  const half = TAPS_A_STEP * n;
  const taps = new Float32Array(2 * half + 1);
  let sum = 0;
  for (let i = -half; i <= half; i++) {
    const x = (i / n) * 0.92;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const window = 0.5 + 0.5 * Math.cos((Math.PI * i) / (half + 1));
    sum += taps[i + half] = sinc * window;
  }
  for (let i = 0; i < taps.length; i++) taps[i]! /= sum;
  const { data } = samples;
  const found = new Float32Array(Math.floor(data.length / n));
  for (let k = 0; k < found.length; k++) {
    const centre = k * n;
    let value = 0;
    for (let i = Math.max(-half, -centre), last = Math.min(half, data.length - 1 - centre); i <= last; i++) {
      value += data[centre + i]! * taps[i + half]!;
    }
    found[k] = value;
  }
  return { rate: samples.rate / n, data: found };
}

/** How many samples make one when played at a speed through a device of that rate. */
export const decimation = (rate: number, speed: number, device: number): number =>
  Math.max(1, Math.ceil((rate * speed) / device - 1e-6));
