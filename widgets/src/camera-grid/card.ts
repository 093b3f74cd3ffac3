/** One camera: its picture and what can be done with it. */
import { blob, type Channel } from "../lib/channel";
import { busy, button, relabel, select, setOptions } from "../lib/controls";
import { confirm } from "../lib/dialog";
import { calm, Cleanup, fill, h, set } from "../lib/dom";
import { findings, oneLine } from "../lib/findings";
import { ago, duration, measure } from "../lib/format";
import { icon } from "../lib/icons";
import type { Analysis, AnalyzerChoice, Item } from "../lib/types";
import type { Context } from "../lib/widget";
import { Feed } from "./feed";
import { openSettings } from "./settings";
import type { CameraInfo, Desired, GridState, Observed, SourceState } from "./types";
import type { Webcam, Webcams } from "./webcam";

export interface CardHost {
  readonly cameras: Channel;
  readonly webcams: Webcams;
  readonly context: Context;
  readonly home: HTMLElement;
  galleries(): readonly string[];
  analyzers(): readonly AnalyzerChoice[];
  /** The analyzer a new card begins with. */
  analyzer(): string;
  apply(state: GridState): void;
}

/** So long a camera that is live may go without a picture; a slow one for three of its own. */
const SILENT_MS = 3000;
const SILENT_FRAMES = 3;

export class Card {
  readonly element: HTMLElement;
  private readonly cleanup = new Cleanup();
  private readonly feed: Feed;
  private readonly webcam: Webcam | null;
  private readonly title = h("h3", { class: "ol-ellipsis" });
  private readonly facts = h("p", { class: "ol-muted ol-number ol-ellipsis" });
  private readonly badge = h("span", { class: "ol-badge" });
  private readonly recBadge = h("span", { class: "ol-badge ol-rec", hidden: true });
  private readonly stepBadge = h("span", { class: "ol-badge ol-step", hidden: true });
  private readonly analysisBadge = h("span", { class: "ol-badge", "data-badge": "analysis", hidden: true });
  private readonly note = h("div", { class: "ol-stage-note" });
  private readonly layer = h("img", { class: "ol-layer", alt: "", hidden: true });
  private readonly liveResult = h("div", { class: "ol-live-result", hidden: true });
  private readonly result = h("div", { class: "ol-result", hidden: true });
  private readonly stage: HTMLElement;
  private readonly seconds: HTMLInputElement;
  private readonly recordButton: HTMLButtonElement;
  private readonly intervalButton: HTMLButtonElement;
  private readonly overlayButton: HTMLButtonElement;
  private readonly analyzer: HTMLSelectElement;
  private layerUrl = "";
  private overlay: string | null = null;
  private recording = false;
  private problem = "";
  private shownAt = 0;
  private watchedSince: number | null = null;

  constructor(private camera: CameraInfo, private readonly host: CardHost) {
    const { t } = host.context;
    this.feed = new Feed(t("Live picture of {camera}", { camera: camera.name }));
    this.webcam = camera.webcam ? host.webcams.get(camera.slug, t) : null;
    if (this.webcam) this.attach(this.webcam);
    const picture = this.webcam ? this.webcam.video : this.feed.canvas;
    picture.classList.add("ol-picture");
    this.stage = h("div", { class: "ol-stage" }, picture, this.layer, this.note,
      h("div", { class: "ol-badges" }, this.badge, this.stepBadge, this.analysisBadge, this.recBadge),
      this.liveResult);

    const still = button({ icon: "camera", label: t("Still"), look: "main",
      title: t("Take a still"), props: { "data-do": "still" } });
    still.addEventListener("click", () => this.run(still, () => this.still()));
    this.recordButton = button({ icon: "record", label: t("Record"), props: { "data-do": "record" } });
    this.recordButton.addEventListener("click",
      () => this.run(this.recordButton, () => this.record()));
    this.seconds = h("input", { class: "ol-input ol-seconds", type: "number", min: 0.1, step: "any",
      value: String(camera.desired.interval_s ?? camera.settings["interval_s"] ?? 60),
      "aria-label": t("Seconds between stills"), title: t("Seconds between stills") });
    this.intervalButton = button({ icon: "timer", label: t("Time-lapse stills"),
      props: { "data-do": "interval" } });
    this.intervalButton.addEventListener("click",
      () => this.run(this.intervalButton, () => this.interval()));
    this.analyzer = select(t("Analyzer"), [], "", () => this.analyzerChanged());
    const analyse = button({ icon: "analyse", label: t("Analyse"),
      title: t("Take a still, analyse it and keep both"), props: { "data-do": "analyse" } });
    analyse.addEventListener("click", () => this.run(analyse, () => this.analyse()));
    this.overlayButton = button({ icon: "layers", label: t("Live overlay"), bare: true,
      props: { "aria-pressed": "false", "data-do": "overlay" } });
    this.overlayButton.addEventListener("click",
      () => this.run(this.overlayButton, () => this.toggleOverlay()));
    const settings = button({ icon: "sliders", label: t("Settings"), bare: true, look: "quiet",
      props: { "data-do": "settings" },
      onclick: () => openSettings(host, this.camera, Number(this.seconds.value)) });
    const remove = button({ icon: "trash", label: t("Remove camera"), bare: true, look: "quiet",
      props: { "data-do": "remove" }, onclick: () => void this.remove() });

    this.element = h("article", { class: "ol-card", "data-camera": camera.slug,
      "aria-label": camera.name },
      this.stage, this.result,
      h("div", { class: "ol-card-head" }, h("div", { class: "ol-grow" }, this.title, this.facts),
        settings, remove),
      h("div", { class: "ol-card-tools" },
        h("div", { class: "ol-tool-row" }, still, this.recordButton),
        h("div", { class: "ol-tool-row" },
          h("label", { class: "ol-seconds-field" }, this.seconds, h("span", {}, t("s"))),
          this.intervalButton),
        h("div", { class: "ol-tool-row ol-wide" }, this.analyzer, analyse, this.overlayButton)));
    this.cleanup.every(1000, () => this.tick());
    this.update(camera);
  }

  /** Cameras of the server that the grid should ask live pictures for. */
  get wantsPictures(): boolean {
    return !this.webcam && this.camera.desired.enabled;
  }

  /** Whether its picture is asked for now, so that one is due. */
  set watched(on: boolean) {
    if (on !== (this.watchedSince !== null)) this.watchedSince = on ? Date.now() : null;
  }

  /** Choose what this card analyses with, live overlay included. */
  set analysedBy(name: string) {
    if (![...this.analyzer.options].some((one) => one.value === name)) return;
    this.analyzer.value = name;
    this.analyzerChanged();
  }

  private attach(webcam: Webcam): void {
    webcam.onchange = () => this.update(this.camera);
    webcam.ontaken = () => this.flash();
    webcam.onlooked = ({ data, buffers }) => this.overlaid(data.analysis, buffers[0]);
    webcam.onfail = (error) => void this.host.context.attempt(() => Promise.reject(error));
    this.cleanup.add(() => {
      webcam.onchange = webcam.ontaken = webcam.onlooked = webcam.onfail = () => {};
    });
  }

  update(camera: CameraInfo): void {
    const before = this.camera;
    this.camera = camera;
    const { t } = this.host.context;
    this.title.textContent = camera.name;
    this.title.title = camera.name;
    set(this.element, { "aria-label": camera.name });
    this.feed.label = t("Live picture of {camera}", { camera: camera.name });
    this.webcam?.video.setAttribute("aria-label", t("Live picture of {camera}", { camera: camera.name }));
    this.setOverlay(this.webcam ? this.webcam.overlay : camera.overlay);
    setOptions(this.analyzer, this.host.analyzers().map((one) => ({
      value: one.name, label: one.title })),
    this.analyzer.value || this.overlay || this.host.analyzer());
    relabel(this.overlayButton, "layers", t("Live overlay"), this.overlay !== null);
    const step = this.webcam ? this.webcam.interval : camera.desired.interval_s;
    this.followSeconds(before, step);
    const recording = this.webcam ? this.webcam.recording : camera.desired.recording;
    this.recording = recording;
    relabel(this.recordButton, recording ? "stop" : "record",
      recording ? t("Stop") : t("Record"), recording);
    relabel(this.intervalButton, step === null ? "timer" : "stop", t("Time-lapse stills"),
      step !== null, step === null ? t("Start time-lapse stills") : t("Stop time-lapse stills"));
    this.stepBadge.hidden = step === null;
    if (step !== null) fill(this.stepBadge, icon("timer", 13), t("every {n} s", { n: measure(step, t.locale) }));
    this.seconds.disabled = step !== null;
    this.showAnalysis(camera.desired);
    if (this.webcam?.differs(camera.settings) && !recording) void this.connect();
    this.observe(camera.observed);
  }

  /** The seconds between stills: those that run, else those of the settings when they change. */
  private followSeconds(before: CameraInfo, step: number | null): void {
    const set = Number(this.camera.settings["interval_s"] ?? 60);
    const changed = set !== Number(before.settings["interval_s"] ?? 60);
    if (this.webcam && step !== null && changed) {
      this.webcam.startInterval(set, this.camera.slug, this.gallery);
    }
    if (document.activeElement === this.seconds) return;
    if (step !== null && before.desired.interval_s !== step) this.seconds.value = String(step);
    else if (changed) this.seconds.value = String(set);
  }

  /** Where stills by the clock go. */
  private get gallery(): string {
    return String(this.camera.settings["gallery"] ?? "") || this.camera.name;
  }

  private showAnalysis({ analyzer, analyzer_fps: fps, enabled }: Desired): void {
    const { t } = this.host.context;
    this.analysisBadge.hidden = analyzer === null || !enabled;
    if (analyzer === null) return;
    const title = this.host.analyzers().find((one) => one.name === analyzer)?.title ?? analyzer;
    const often = t("{n}/s", { n: measure(fps, t.locale) });
    fill(this.analysisBadge, icon("analyse", 13),
      h("span", { class: "ol-hidden-text" }, t("Analysed all the time")), `${title} · ${often}`);
  }

  /** What can be said of it: a picture that stands still is never called live. */
  private get state(): SourceState {
    const { observed } = this.camera;
    if (this.webcam) return this.webcam.open ? "live" : "off";
    if (this.problem) return "error";
    if (observed.state !== "live" || this.watchedSince === null) return observed.state;
    const patience = Math.max(SILENT_MS, (SILENT_FRAMES * 1000) / (observed.fps || 1));
    const silent = Date.now() - Math.max(this.watchedSince, this.shownAt);
    return silent > patience ? "stalled" : "live";
  }

  /** What the server itself has just told of it: the server is there. */
  told(observed: Observed): void {
    this.problem = "";
    this.observe(observed);
  }

  /** The state the catalog has, also between two updates of the whole card. */
  private observe(observed: Observed): void {
    this.camera = { ...this.camera, observed };
    const { t } = this.host.context;
    const { state } = this;
    this.element.dataset["state"] = state;
    const names: Record<SourceState, string> = {
      off: this.camera.desired.enabled && !this.webcam ? t("Starting…") : t("Off"),
      connecting: t("Connecting…"), live: t("Live"),
      stalled: t("No picture"), error: t("Error"),
    };
    fill(this.badge, h("i", {}), names[state]);
    const video = this.webcam?.video;
    const width = video ? video.videoWidth : observed.width;
    const height = video ? video.videoHeight : observed.height;
    const where = !this.webcam ? this.camera.url.split("?")[0]!
      : this.camera.settings["sound"] ? t("this device, with sound") : t("this device");
    const facts = [where, width ? `${width} × ${height}` : "",
      observed.fps ? t("{n} fps", { n: measure(Math.round(observed.fps * 10) / 10, t.locale) }) : ""];
    this.facts.textContent = facts.filter(Boolean).join(" · ");
    this.facts.title = this.camera.url;
    this.describe(state, observed);
  }

  private describe(state: SourceState, observed: Observed): void {
    const { t } = this.host.context;
    if (state === "live") return void (this.note.hidden = true);
    this.note.hidden = false;
    if (this.webcam) {
      if (this.note.dataset["for"] === "webcam" + this.problem) return;
      this.note.dataset["for"] = "webcam" + this.problem;
      const connect = button({ icon: "webcam", label: t("Connect camera"), look: "main" });
      connect.addEventListener("click", () => this.run(connect, () => this.connect()));
      return fill(this.note, this.problem && h("p", {}, this.problem), connect);
    }
    this.note.dataset["for"] = "";
    const seen = observed.last_frame_at
      ? t("Last picture: {when}", { when: ago(observed.last_frame_at, t) }) : "";
    if (state === "error" || state === "stalled") {
      fill(this.note, icon("warning", 24),
        h("p", {}, this.problem || observed.detail || t("No picture comes from this camera")),
        seen && h("p", { class: "ol-hint" }, seen));
    } else {
      fill(this.note, h("span", { class: "ol-spinner" }),
        observed.detail && h("p", {}, observed.detail));
    }
  }

  show(jpeg: DataView): void {
    this.problem = "";
    this.shownAt = Date.now();
    if (this.state !== this.element.dataset["state"]) this.observe(this.camera.observed);
    this.feed.show(jpeg);
    this.element.dataset["frames"] = String(this.feed.count + 1);
  }

  /** Nothing comes at all: the server can't be reached. */
  lost(message: string): void {
    this.problem = message;
    this.observe(this.camera.observed);
  }

  /** An overlay from the kernel's own look at the live picture. */
  overlaid(analysis: Analysis | null, png: DataView | undefined, error?: string): void {
    if (error) {
      this.setOverlay(null);
      this.host.context.toaster.show({ kind: "error", text: error });
      return relabel(this.overlayButton, "layers", this.host.context.t("Live overlay"), false);
    }
    if (!this.overlay || !analysis) return;
    this.showLayer(png ?? null);
    const { t } = this.host.context;
    this.liveResult.hidden = false;
    fill(this.liveResult, h("strong", {}, analysis.title),
      h("p", { class: "ol-number ol-line" }, oneLine(analysis, t)));
  }

  async connect(): Promise<void> {
    try {
      await this.webcam!.start(this.camera.settings);
      this.problem = "";
    } catch (error) {
      this.problem = (error as Error).message;
    }
    this.update(this.camera);
  }

  /** Open a webcam anew that is open or could not be opened, unless it records. */
  async reconnect(): Promise<void> {
    if (!this.webcam || this.webcam.recording || !(this.webcam.open || this.problem)) return;
    await this.connect();
  }

  /** Take the card away; a webcam that is still wanted goes on without it. */
  dispose(): void {
    this.showLayer(null);
    this.cleanup.run();
    this.element.remove();
  }

  // --- actions

  private run(node: HTMLButtonElement, work: () => Promise<void>): void {
    void busy(node, () => this.host.context.attempt(work));
  }

  private flash(): void {
    if (calm()) return;
    this.stage.classList.remove("ol-flash");
    void this.stage.offsetWidth;
    this.stage.classList.add("ol-flash");
  }

  private kept(item: Item): void {
    const { t, toaster, go } = this.host.context;
    toaster.show({
      kind: "good",
      text: item.kind === "clip"
        ? t("Clip of {camera} kept", { camera: this.camera.name })
        : t("Still of {camera} kept", { camera: this.camera.name }),
      ...(go ? { action: { label: t("Show"), run: () => go("gallery", { open: item }) }, ms: 5000 } : {}),
    });
  }

  private async still(): Promise<void> {
    if (this.webcam) {
      const { data } = await this.webcam.still(this.camera.slug);
      this.flash();
      return this.kept(data.frame);
    }
    const { data } = await this.host.cameras.call<Item>("still", { slug: this.camera.slug });
    this.flash();
    this.kept(data);
  }

  private async record(): Promise<void> {
    if (this.webcam) {
      if (this.webcam.recording) {
        const clip = await this.webcam.stopRecording();
        if (clip) this.kept(clip);
      } else {
        await this.webcam.startRecording(this.camera.slug);
      }
      return this.update(this.camera);
    }
    const on = !this.camera.desired.recording;
    const { data } = await this.host.cameras.call<{ clip?: Item }>("record",
      { slug: this.camera.slug, on });
    this.update({ ...this.camera, desired: { ...this.camera.desired, recording: on } });
    if (data.clip) this.kept(data.clip);
  }

  private async interval(): Promise<void> {
    const { context, cameras } = this.host;
    const { gallery } = this;
    const seconds = Number(this.seconds.value);
    const running = (this.webcam ? this.webcam.interval : this.camera.desired.interval_s) !== null;
    if (!running && !(seconds >= 0.1)) {
      this.seconds.focus();
      throw new Error(context.t("Enter how many seconds lie between stills, 0.1 or more"));
    }
    if (this.webcam) {
      if (running) this.webcam.stopInterval();
      else if (!this.webcam.open) throw new Error(context.t("Connect the camera first"));
      else {
        this.webcam.startInterval(seconds, this.camera.slug, gallery);
        await cameras.call("update", { slug: this.camera.slug, settings: { interval_s: seconds } });
      }
      return this.update(this.camera);
    }
    const { data } = await cameras.call<GridState>("interval",
      { slug: this.camera.slug, seconds: running ? null : seconds, gallery });
    this.host.apply(data);
    if (!running) {
      context.toaster.show({ kind: "good",
        text: context.t("A still every {n} s goes into the gallery “{gallery}”",
          { n: measure(seconds, context.t.locale), gallery }) });
    }
  }

  private async analyse(): Promise<void> {
    const args = { slug: this.camera.slug, analyzer: this.analyzer.value };
    const reply = this.webcam
      ? await this.webcam.still(args.slug, undefined, args.analyzer)
      : await this.host.cameras.call<{ frame: Item; analysis: Analysis }>("analyse", args);
    this.flash();
    this.kept(reply.data.frame);
    if (!reply.data.analysis) return;
    this.showResult(reply.data.analysis);
    if (!this.overlay) this.showLayer(reply.buffers[0] ?? null);
  }

  private async toggleOverlay(): Promise<void> {
    const analyzer = this.overlay === null ? this.analyzer.value : null;
    if (!this.webcam) {
      const { data } = await this.host.cameras.call<GridState>("overlay",
        { slug: this.camera.slug, analyzer });
      return this.host.apply(data);
    }
    this.webcam.setOverlay(analyzer);
  }

  private analyzerChanged(): void {
    if (this.overlay === null) return;
    this.overlay = this.analyzer.value;
    if (this.webcam) return this.webcam.setOverlay(this.overlay);
    void this.host.context.attempt(() => this.host.cameras.call("overlay",
      { slug: this.camera.slug, analyzer: this.overlay }));
  }

  private async remove(): Promise<void> {
    const { t } = this.host.context;
    const sure = await confirm({ title: t("Remove {camera}?", { camera: this.camera.name }), t,
      home: this.host.home },
      t("Its live picture, recording and interval end. What it captured stays in the lab."),
      t("Remove"));
    if (!sure) return;
    await this.host.context.attempt(async () => {
      if (this.webcam?.recording) await this.record();
      this.webcam?.stop();
      const { data } = await this.host.cameras.call<GridState>("remove", { slug: this.camera.slug });
      this.host.apply(data);
    });
  }

  // --- showing

  /** Turn the live overlay on or off; going off takes its picture and its words away. */
  private setOverlay(analyzer: string | null): void {
    const was = this.overlay;
    this.overlay = analyzer;
    if (!was || analyzer) return;
    this.showLayer(null);
    this.liveResult.hidden = true;
  }

  private showLayer(png: DataView | null): void {
    const old = this.layerUrl;
    this.layerUrl = png ? URL.createObjectURL(blob(png, "image/png")) : "";
    this.layer.hidden = !png;
    if (png) this.layer.src = this.layerUrl;
    else this.layer.removeAttribute("src");
    if (old) URL.revokeObjectURL(old);
  }

  /** What was found in a kept still, below the picture that shows it, until it is closed. */
  private showResult(analysis: Analysis): void {
    const { t } = this.host.context;
    this.result.hidden = false;
    fill(this.result,
      h("div", { class: "ol-row" }, h("strong", { class: "ol-grow" }, analysis.title),
        button({ icon: "close", label: t("Close"), bare: true, look: "quiet", onclick: () => {
          this.result.hidden = true;
          if (!this.overlay) this.showLayer(null);
        } })),
      findings(analysis, t, 3));
  }

  private tick(): void {
    const { t } = this.host.context;
    const since = this.webcam ? this.webcam.recordingSince
      : Date.parse(this.camera.observed.recording_since ?? "") || null;
    this.recBadge.hidden = !this.recording && since === null;
    fill(this.recBadge, h("i", {}), t("REC"),
      since !== null && ` ${duration((Date.now() - since) / 1000)}`);
    const shown = this.element.dataset["state"];
    if (this.webcam?.open || shown === "stalled" || shown !== this.state) {
      this.observe(this.camera.observed);
    }
  }
}
