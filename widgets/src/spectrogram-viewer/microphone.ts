/**
 * The microphone of this device. Its samples go to the kernel as they are: a browser's own
 * recorder would compress away what analyses live on.
 */
import { type Channel, Gone, Wire } from "../lib/channel";
import { openDevices } from "../lib/devices";
import type { Translate } from "../lib/i18n";
import type { Item } from "../lib/types";
import { readClock, sendPieces } from "../lib/upload";
import type { Context } from "../lib/widget";
import { peak, sixteenBits, Start } from "./samples";

const WAIT_S = 1;
/** What a WAV file can hold, with room to spare. */
const MOST_BYTES = 4_000_000_000;
/** How long a sample may be on its way from the air to the page. */
const LATENCY_S = 0.05;

/** Collects blocks of 2048 moments, the channels side by side. */
const COLLECTOR = `registerProcessor("octolab-collector", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = null;
    this.at = 0;
  }
  process([input]) {
    if (!input.length) return true;
    const n = input.length;
    for (let i = 0; i < input[0].length; i++) {
      this.block ??= new Float32Array(2048 * n);
      for (let c = 0; c < n; c++) this.block[this.at++] = input[c][i];
      if (this.at === this.block.length) {
        this.port.postMessage(this.block, [this.block.buffer]);
        this.block = null;
        this.at = 0;
      }
    }
    return true;
  }
});`;

/** One recording, from the first sample to the last that was sent. */
class Take {
  readonly start: Start;
  level = 0;
  frames = 0;
  failure: unknown = null;
  private upload: string | null = null;
  private parts: ArrayBuffer[] = [];
  private kept = 0;
  private offset = 0;
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly intake: Channel, readonly sr: number, private readonly channels: number,
    private readonly device: string, private readonly clock: { offset_ms: number; uncertainty_s: number }) {
    this.start = new Start(sr);
  }

  get seconds(): number {
    return this.frames / this.sr;
  }

  get full(): boolean {
    return this.frames * this.channels * 2 > MOST_BYTES;
  }

  take(block: Float32Array): void {
    const frames = block.length / this.channels;
    if (this.seconds < WAIT_S) this.start.came(frames, Date.now());
    this.frames += frames;
    this.level = Math.max(peak(block), this.level * 0.85);
    this.parts.push(sixteenBits(block));
    this.kept += frames;
    if (this.kept >= this.sr * WAIT_S) this.send();
  }

  /** Send what has come since the last time, after what is on its way. */
  send(): void {
    const data = new Blob(this.parts);
    this.parts = [];
    this.kept = 0;
    this.sending = this.sending.then(async () => {
      if (this.failure || !data.size) return;
      try {
        this.upload ??= await this.begin();
        this.offset = await sendPieces(this.intake, this.upload, data, this.offset);
      } catch (error) {
        this.failure = error;
      }
    });
  }

  /** Keep what was sent; what went wrong on the way is thrown after that. */
  async finish(): Promise<Item | null> {
    this.send();
    await this.sending;
    if (!this.upload) {
      if (this.failure) throw this.failure;
      return null;
    }
    return (await this.intake.call<Item>("finish_take", { upload: this.upload })).data;
  }

  private async begin(): Promise<string> {
    const { data } = await this.intake.call<{ upload: string }>("begin_sound", {
      sr: this.sr, channels: this.channels, device: this.device,
      at_ms: this.start.ms + this.clock.offset_ms,
      uncertainty_s: this.clock.uncertainty_s + this.start.spread_s + LATENCY_S,
    });
    return data.upload;
  }
}

/** It outlives a redraw in another language, and so speaks to the kernel through its own wire. */
export class Microphone {
  private readonly wire: Wire;
  private stream: MediaStream | null = null;
  private audio: AudioContext | null = null;
  private current: Take | null = null;
  private opening: Promise<void> | null = null;
  private ending: Promise<void> | null = null;
  private closed = false;
  /** Called when a recording begins or ends, and with each block of it. */
  onchange: () => void = () => {};
  /** Called with the sound that was recorded. */
  onkept: (sound: Item) => void = () => {};
  /** Called when a recording ends for another reason than that somebody ended it. */
  onfail: (error: unknown) => void = () => {};
  private readonly guard = (event: BeforeUnloadEvent): void => event.preventDefault();

  private constructor(context: Context) {
    this.wire = new Wire(context.model);
    context.lasting.add(() => {
      this.closed = true;
      void this.stop().finally(() => this.wire.close());
    });
  }

  static of(context: Context): Microphone {
    const known = context.memory.get("microphone") as Microphone | undefined;
    const microphone = known ?? new Microphone(context);
    context.memory.set("microphone", microphone);
    return microphone;
  }

  get recording(): boolean {
    return this.current !== null;
  }

  get level(): number {
    return this.current?.level ?? 0;
  }

  get seconds(): number {
    return this.current?.seconds ?? 0;
  }

  /** Begin a recording; one that is about to begin, as when permission is asked for, is joined. */
  async record(t: Translate): Promise<void> {
    if (this.current) return;
    await (this.opening ??= this.begin(t).finally(() => { this.opening = null; }));
  }

  private async begin(t: Translate): Promise<void> {
    const intake = this.wire.panel("intake");
    const stream = this.stream = await openDevices({ audio: { echoCancellation: false,
      noiseSuppression: false, autoGainControl: false } }, "microphone", t);
    try {
      this.goOn();
      const [track] = stream.getAudioTracks();
      const { sampleRate, channelCount = 1 } = track!.getSettings();
      const audio = this.audio = new AudioContext(sampleRate ? { sampleRate } : {});
      const channels = Math.min(channelCount, 2);
      const url = URL.createObjectURL(new Blob([COLLECTOR], { type: "text/javascript" }));
      await audio.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url));
      this.goOn();
      const clock = await readClock(intake);
      this.goOn();
      const node = new AudioWorkletNode(audio, "octolab-collector", { numberOfOutputs: 0,
        channelCount: channels, channelCountMode: "explicit" });
      const take = this.current = new Take(intake, audio.sampleRate, channels, track!.label, clock);
      node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
        if (this.current !== take) return;
        take.take(data);
        if (take.failure || take.full) void this.stop();
        this.onchange();
      };
      track!.addEventListener("ended", () => this.interrupted(t));
      audio.addEventListener("statechange", () => { if (audio.state !== "running") this.interrupted(t); });
      await audio.resume();
      this.goOn();
      audio.createMediaStreamSource(stream).connect(node);
      addEventListener("beforeunload", this.guard);
    } catch (error) {
      this.current = null;
      this.letGo();
      throw error;
    }
    this.onchange();
  }

  /** The view may have ended while something was waited for. */
  private goOn(): void {
    if (this.closed) throw new Gone();
  }

  /** End the recording and keep it. */
  stop(): Promise<void> {
    if (this.current) {
      const take = this.current;
      this.current = null;
      this.letGo();
      this.ending = this.keep(take).finally(() => { this.ending = null; });
      this.onchange();
    }
    return this.ending ?? Promise.resolve();
  }

  private async keep(take: Take): Promise<void> {
    try {
      const sound = await take.finish();
      if (take.failure) this.onfail(take.failure);
      if (sound) this.onkept(sound);
    } catch (error) {
      this.onfail(error);
    }
  }

  private interrupted(t: Translate): void {
    if (!this.current) return;
    this.onfail(new Error(t("The microphone was disconnected or paused; what was recorded is kept")));
    void this.stop();
  }

  private letGo(): void {
    removeEventListener("beforeunload", this.guard);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    void this.audio?.close();
    this.audio = null;
  }
}
