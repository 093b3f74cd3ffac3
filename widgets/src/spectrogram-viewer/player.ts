/** Playing a sound that comes piece by piece: gapless, slowed down, through a band-pass. */
import { Lru } from "../lib/lru";
import { clamp } from "../lib/dom";
import { type Course, pieces, type Placed, positionAt, type Span } from "./playback";
import { decimate, decimation, readWav, type Samples } from "./wav";

/** The sound to play, whatever shows it. */
export interface Source {
  readonly id: number;
  /** One of its channels, or the mean of all. */
  readonly track: number | null;
  readonly duration: number;
  fetch(start: number, end: number): Promise<DataView>;
}

export interface Band {
  readonly low: number;
  readonly high: number;
}

const AHEAD_S = 4;
const LEAD_S = 0.06;
/** All browsers make buffers of these rates. */
const RATES = [8000, 96_000] as const;

export class Player {
  private audio: AudioContext | null = null;
  private out: GainNode | null = null;
  private filters: AudioNode[] = [];
  private readonly fetched = new Lru<string, Promise<Samples>>(12);
  private nodes: AudioBufferSourceNode[] = [];
  private placed: Placed[] = [];
  private turn = 0;
  private source: Source | null = null;
  private course: Course | null = null;
  private wake: () => void = () => {};
  speed = 1;
  volume = 1;
  band: Band | null = null;
  onstate: () => void = () => {};
  onerror: (error: unknown) => void = () => {};

  get playing(): boolean {
    return this.course !== null;
  }

  get playedId(): number | null {
    return this.course ? this.source!.id : null;
  }

  /** The file time that is heard now; null when nothing plays. */
  get position(): number | null {
    if (!this.course || !this.audio) return null;
    const late = this.audio.outputLatency || this.audio.baseLatency || 0;
    return positionAt(this.placed, this.audio.currentTime - late, this.speed) ?? this.course.from;
  }

  /** Begin; must be called while a click or a key is handled, as browsers demand. */
  async play(source: Source, from: number, stretch: Span, loop: boolean): Promise<void> {
    this.halt();
    const turn = this.turn;
    this.source = source;
    this.course = { from, stretch: { start: stretch.start, end: Math.min(stretch.end, source.duration) }, loop };
    this.onstate();
    try {
      this.audio ??= new AudioContext();
      await this.audio.resume();
      if (turn !== this.turn) return;
      this.connect();
      await this.stream(turn, this.audio);
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.onerror(error);
    }
  }

  stop(): void {
    this.halt();
    this.onstate();
  }

  /** Take up another speed, band or loop without losing the place. */
  retune(change: () => void, loop: boolean): void {
    const at = this.position;
    change();
    if (this.source && this.course && at !== null) void this.play(this.source, at, this.course.stretch, loop);
  }

  setVolume(volume: number): void {
    this.volume = volume;
    if (this.out && this.audio) this.out.gain.setTargetAtTime(volume, this.audio.currentTime, 0.02);
  }

  close(): void {
    this.halt();
    void this.audio?.close();
    this.audio = null;
    this.fetched.clear();
  }

  private halt(): void {
    this.turn += 1;
    this.course = null;
    this.placed = [];
    for (const node of this.nodes.splice(0)) {
      node.onended = null;
      node.stop();
      node.disconnect();
    }
    this.wake();
  }

  /** Device ← volume ← band-pass: two high-passes and two low-passes of second order. */
  private connect(): void {
    const audio = this.audio!;
    for (const node of this.filters.splice(0)) node.disconnect();
    this.out?.disconnect();
    this.out = audio.createGain();
    this.out.gain.value = this.volume;
    this.out.connect(audio.destination);
    if (!this.band) return;
    const top = audio.sampleRate / 2;
    for (const [type, hz] of [["highpass", this.band.low], ["lowpass", this.band.high]] as const) {
      const frequency = hz * this.speed;
      if (frequency <= 1 || frequency >= top) continue;
      for (let i = 0; i < 2; i++) {
        this.filters.push(new BiquadFilterNode(audio, { type, frequency, Q: i ? 1.31 : 0.54 }));
      }
    }
    this.filters.forEach((node, i) => node.connect(this.filters[i + 1] ?? this.out!));
  }

  private async stream(turn: number, audio: AudioContext): Promise<void> {
    const { source, course, speed } = this;
    let at = 0;
    const all = pieces(course!, speed);
    for (let next = all.next(); !next.done; next = all.next()) {
      const piece = next.value;
      const samples = await this.samples(source!, piece, speed);
      if (turn !== this.turn) return;
      at = Math.max(at, audio.currentTime + LEAD_S);
      const length = (piece.end - piece.start) / speed;
      this.place(audio, samples, speed, at);
      this.placed = [...this.placed.filter((one) => one.at > audio.currentTime - 60), { ...piece, at }];
      at += length;
      await this.until(at - AHEAD_S, audio);
      if (turn !== this.turn) return;
    }
    await this.until(at + (audio.outputLatency || 0), audio);
    if (turn === this.turn) this.stop();
  }

  private samples(source: Source, piece: Span, speed: number): Promise<Samples> {
    const device = this.audio!.sampleRate;
    const key = `${source.id} ${source.track} ${piece.start} ${piece.end} ${speed}`;
    const found = this.fetched.get(key) ?? source.fetch(piece.start, piece.end).then((bytes) => {
      const samples = readWav(bytes);
      return decimate(samples, decimation(samples.rate, speed, device));
    });
    this.fetched.set(key, found);
    found.catch(() => this.fetched.drop(key));
    return found;
  }

  private place(audio: AudioContext, samples: Samples, speed: number, at: number): void {
    if (!samples.data.length) return;
    const rate = clamp(samples.rate, ...RATES);
    const buffer = audio.createBuffer(1, samples.data.length, rate);
    buffer.copyToChannel(samples.data, 0);
    const node = new AudioBufferSourceNode(audio, { buffer, playbackRate: (samples.rate * speed) / rate });
    node.connect(this.filters[0] ?? this.out!);
    node.start(at);
    node.onended = () => {
      node.disconnect();
      this.nodes = this.nodes.filter((one) => one !== node);
    };
    this.nodes.push(node);
  }

  private until(time: number, audio: AudioContext): Promise<void> {
    const wait = time - audio.currentTime;
    if (wait <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait * 1000);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }
}
