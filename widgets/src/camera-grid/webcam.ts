/**
 * The camera of this device. Its picture never leaves the page except as the stills, clips and
 * looks that are asked for; those go to the kernel as binary messages.
 */
import { type Channel, type Reply, Wire } from "../lib/channel";
import { openDevices } from "../lib/devices";
import type { Translate } from "../lib/i18n";
import type { Analysis, Item } from "../lib/types";
import { type ClockOffset, readClock, sendPieces } from "../lib/upload";
import type { Context } from "../lib/widget";

const LOOK_MS = 900;
const PIECE_MS = 1000;

/** What to record in, the most widely played first. */
const SILENT = ["video/mp4;codecs=avc1", "video/webm;codecs=vp9", "video/webm"];
const WITH_SOUND = ["video/mp4;codecs=avc1,mp4a.40.2", "video/mp4;codecs=avc1,opus",
  "video/webm;codecs=vp9,opus", "video/webm"];

type Settings = Readonly<Record<string, unknown>>;

export interface StillReply {
  readonly frame: Item;
  readonly analysis?: Analysis;
}

export class Webcam {
  readonly video = document.createElement("video");
  private stream: MediaStream | null = null;
  private clock: ClockOffset | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private recorder: { recorder: MediaRecorder; done: Promise<Item> } | null = null;
  private opened: Settings = {};
  private starting = false;
  private looking = false;
  private saved: Promise<unknown> = Promise.resolve();
  /** Seconds between stills while an interval runs. */
  interval: number | null = null;
  /** When the recording that runs began. */
  recordingSince: number | null = null;
  /** The analyzer whose findings lie over the picture. */
  overlay: string | null = null;
  /** Called when the camera, its recording, its interval or its overlay starts or ends. */
  onchange: () => void = () => {};
  /** Called after each still of the interval. */
  ontaken: () => void = () => {};
  /** Called with what was found for the overlay. */
  onlooked: (found: Reply<{ analysis: Analysis }>) => void = () => {};
  /** Called when a still of the interval or a look for the overlay fails. */
  onfail: (error: unknown) => void = () => {};

  constructor(private readonly intake: Channel, public t: Translate) {
    Object.assign(this.video, { autoplay: true, muted: true, playsInline: true });
    // Browsers pause a video that leaves the page, as in a redraw; its interval must see on.
    this.video.addEventListener("pause", () => {
      if (this.stream) void this.video.play().catch(() => {});
    });
  }

  /** Whether its picture is seen: while the camera is being opened, there is none to take. */
  get open(): boolean {
    return this.stream !== null && !this.starting;
  }

  get recording(): boolean {
    return this.recorder !== null;
  }

  /** Whether it was opened with other settings than these. */
  differs(settings: Settings): boolean {
    return this.open && ["size", "device", "sound"].some((name) =>
      this.opened[name] !== settings[name]);
  }

  /** Open the camera, or open it anew; an interval and an overlay go on. */
  async start(settings: Settings): Promise<void> {
    this.letGo();
    this.starting = true;
    try {
      await this.openStream(settings);
    } catch (error) {
      this.stopInterval();
      throw error;
    } finally {
      this.starting = false;
    }
    this.opened = settings;
    void this.watch();
  }

  private async openStream(settings: Settings): Promise<void> {
    const [width, height] = String(settings["size"] ?? "1280x720").split("x").map(Number);
    const device = settings["device"];
    const sound = settings["sound"] === true;
    this.stream = await openDevices({
      video: {
        width: { ideal: width ?? 1280 }, height: { ideal: height ?? 720 },
        ...(typeof device === "string" && device ? { deviceId: { ideal: device } } : {}),
      },
      audio: sound,
    }, sound ? "both" : "camera", this.t);
    for (const track of this.stream.getVideoTracks()) {
      track.addEventListener("ended", () => { this.stop(); this.onchange(); });
    }
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => {});
  }

  /** Let go of the camera: tracks, recorder and interval end. */
  stop(): void {
    this.stopInterval();
    this.letGo();
  }

  private letGo(): void {
    if (this.recorder?.recorder.state === "recording") this.recorder.recorder.stop();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  private async now(): Promise<{ at_ms: number; uncertainty_s: number }> {
    const at = Date.now();
    this.clock ??= await readClock(this.intake);
    return { at_ms: at + this.clock.offset_ms, uncertainty_s: this.clock.uncertainty_s };
  }

  private async jpeg(width?: number): Promise<ArrayBuffer> {
    const { videoWidth, videoHeight } = this.video;
    if (!this.open || !videoWidth) throw new Error(this.t("Connect the camera first"));
    const scale = width ? Math.min(1, width / videoWidth) : 1;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    canvas.getContext("2d")!.drawImage(this.video, 0, 0, canvas.width, canvas.height);
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    if (!made) throw new Error(this.t("The picture can't be encoded"));
    return made.arrayBuffer();
  }

  async still(slug: string, gallery?: string, analyzer?: string): Promise<Reply<StillReply>> {
    const [moment, data] = await Promise.all([this.now(), this.jpeg()]);
    return this.intake.call<StillReply>("still", { slug, ...moment, gallery, analyzer }, [data]);
  }

  /** Analyse what is seen again and again, without keeping it; null ends that. */
  setOverlay(analyzer: string | null): void {
    this.overlay = analyzer;
    this.onchange();
    void this.watch();
  }

  private async watch(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      while (this.overlay && this.open) {
        const picture = await this.jpeg(640);
        this.onlooked(await this.intake.call("look", { analyzer: this.overlay }, [picture]));
        await new Promise((done) => setTimeout(done, LOOK_MS));
      }
    } catch (error) {
      this.overlay = null;
      this.onchange();
      this.onfail(error);
    } finally {
      this.looking = false;
    }
  }

  startInterval(seconds: number, slug: string, gallery: string): void {
    this.stopInterval();
    const take = (): void => {
      if (!this.starting) void this.still(slug, gallery).then(() => this.ontaken(), (e) => this.onfail(e));
    };
    take();
    this.timer = setInterval(take, seconds * 1000);
    this.interval = seconds;
  }

  stopInterval(): void {
    clearInterval(this.timer);
    this.interval = null;
  }

  async startRecording(slug: string): Promise<void> {
    if (!this.stream) throw new Error(this.t("Connect the camera first"));
    const sound = this.stream.getAudioTracks().length > 0;
    const type = (sound ? WITH_SOUND : SILENT).find((kind) => MediaRecorder.isTypeSupported(kind));
    const moment = await this.now();
    const { data } = await this.intake.call<{ upload: string }>("begin_clip",
      { slug, at_ms: moment.at_ms, uncertainty_s: moment.uncertainty_s });
    // An MP4 comes in fragments from one key frame to the next: no more than one is ever lost.
    const options: MediaRecorderOptions & { videoKeyFrameIntervalDuration: number } = {
      ...(type ? { mimeType: type } : {}), videoKeyFrameIntervalDuration: PIECE_MS };
    const recorder = new MediaRecorder(this.stream, options);
    // Pieces are sent one after another, in the order they were recorded.
    let sent: Promise<void> = Promise.resolve();
    let offset = 0;
    let failure: unknown = null;
    recorder.addEventListener("dataavailable", ({ data: piece }) => {
      sent = sent.then(async () => {
        if (failure || !piece.size) return;
        try {
          offset = await sendPieces(this.intake, data.upload, piece, offset);
        } catch (error) {
          failure = error;
          recorder.stop();
        }
      });
    });
    const done = new Promise<Item>((resolve, reject) => {
      recorder.addEventListener("stop", () => {
        void sent.then(async () => {
          this.recorder = null;
          this.recordingSince = null;
          this.onchange();
          if (failure) throw failure;
          resolve((await this.intake.call<Item>("finish_take", { upload: data.upload })).data);
        }).catch(reject);
      });
    });
    // Who stops the recording is told of a failure; it may also end by itself.
    this.saved = done.catch(() => {});
    recorder.start(PIECE_MS);
    this.recorder = { recorder, done };
    this.recordingSince = Date.now();
    this.onchange();
  }

  async stopRecording(): Promise<Item | null> {
    if (!this.recorder) return null;
    const { recorder, done } = this.recorder;
    if (recorder.state !== "inactive") recorder.stop();
    return done;
  }

  /** Once no recording is on its way to the kernel any more. */
  async settled(): Promise<void> {
    await this.saved;
  }
}

/**
 * The webcams of one widget. They outlive a redraw in another language, with their recordings
 * and intervals, and so speak to the kernel through a wire of their own.
 */
export class Webcams {
  private readonly bySlug = new Map<string, Webcam>();
  private readonly wire: Wire;

  private constructor(context: Context) {
    this.wire = new Wire(context.model);
    context.lasting.listen(window, "beforeunload", (event: BeforeUnloadEvent) => {
      const all = [...this.bySlug.values()];
      if (all.some((one) => one.recording || one.interval !== null)) event.preventDefault();
    });
    context.lasting.add(() => void this.end());
  }

  static of(context: Context): Webcams {
    const known = context.memory.get("webcams") as Webcams | undefined;
    const webcams = known ?? new Webcams(context);
    context.memory.set("webcams", webcams);
    return webcams;
  }

  get(slug: string, t: Translate): Webcam {
    const webcam = this.bySlug.get(slug) ?? new Webcam(this.wire.panel("intake"), t);
    this.bySlug.set(slug, webcam);
    webcam.t = t;
    return webcam;
  }

  /** Let go of those that are not wanted any more. */
  only(wanted: ReadonlySet<string>): void {
    for (const [slug, webcam] of this.bySlug) {
      if (wanted.has(slug)) continue;
      webcam.stop();
      this.bySlug.delete(slug);
    }
  }

  private async end(): Promise<void> {
    const all = [...this.bySlug.values()];
    this.only(new Set());
    await Promise.all(all.map((webcam) => webcam.settled()));
    this.wire.close();
  }
}
