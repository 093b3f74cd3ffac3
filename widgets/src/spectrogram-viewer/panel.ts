/** The sounds of a lab: seen, heard, searched for events, annotated. */
import { button, empty, select, setOptions } from "../lib/controls";
import { Cleanup, debounce, fill, h } from "../lib/dom";
import { playtime } from "../lib/format";
import type { Context } from "../lib/widget";
import "../lib/base.css";
import "../lib/table.css";
import "../lib/upload.css";
import "./spectrogram-viewer.css";
import { rectOf } from "./boxes";
import { openChooser } from "./chooser";
import { openDetect } from "./detect";
import { Display } from "./display";
import { Doing } from "./doing";
import { dropping, type Intake } from "./dropping";
import { bring, openExport } from "./exchange";
import { Found } from "./found";
import type { Tool } from "./gestures";
import { openHelp } from "./keys";
import { askLabel } from "./label";
import type { LaneHost } from "./lane";
import { type Palette, palette } from "./palette";
import { Places } from "./places";
import { Player } from "./player";
import { Recording } from "./recording";
import type { Ref, Session, Topic } from "./session";
import { loadSettings, saveSettings, type Settings } from "./settings";
import { Making, Status } from "./status";
import { Tools } from "./tools";
import { hears, Transport } from "./transport";
import type { AnalysisRow, Marked, SoundRow, Tiles } from "./types";
import { follow, type View } from "./view";
import type { Part, Viewer } from "./viewer";

/** Which sound the kernel tells of. */
interface Of {
  readonly id: number;
  readonly channel: number | null;
}

export class Sounds implements Viewer {
  readonly t;
  readonly channel;
  readonly player = new Player();
  readonly root: HTMLElement;
  settings: Settings = loadSettings();
  tool: Tool = "move";
  readonly palette: () => Palette;
  readonly cleanup = new Cleanup();
  private readonly places: Places;
  private readonly transport: Transport;
  private readonly doing: Doing;
  private readonly found: Found;
  private readonly status: Status;
  /** All parts; those that list events cost more to refresh. */
  private readonly parts: readonly Part[];
  private readonly light: readonly Part[];
  private readonly intake: Intake;
  private readonly recording: Recording;
  private readonly blank = h("div", { class: "ol-sound-blank" });
  private readonly body: HTMLElement;
  private readonly name: HTMLButtonElement;
  private readonly channels: HTMLSelectElement;
  private readonly needSound: readonly HTMLButtonElement[];
  private frame = 0;
  private listDirty = true;
  /** Where playing was when the last frame was drawn. */
  private heard: number | null = null;
  private closeLabel: () => void = () => {};

  constructor(host: HTMLElement, readonly context: Context) {
    const { t } = context;
    this.t = t;
    this.channel = context.channel("sounds");
    this.root = h("section", { class: "ol-sounds", "aria-label": t("Sounds") });
    this.palette = palette(this.root, this.cleanup, () => this.places.redraw());
    this.places = new Places(this, { lane: () => this.laneHost(),
      activated: () => this.arrange(), told: (session, topic) => this.told(session, topic) });
    this.transport = new Transport(this);
    this.doing = new Doing(this, this.transport, () => this.found,
      () => this.places.active?.lane.gestures.cancel() ?? false);
    const display = new Display(this);
    const tools = new Tools(this, (on) => { display.element.hidden = !on; }, () => openHelp(this));
    const making = new Making(this);
    this.status = new Status(this, {
      play: (box) => this.transport.playBox(box), annotate: () => this.doing.annotate(),
      zoom: (box) => this.doing.zoomTo(box),
    });
    this.found = new Found(this, { play: (box) => this.transport.playBox(box), detect: () => this.detect() }, this.cleanup);
    this.light = [this.transport, tools, display, making, this.status];
    this.parts = [...this.light, this.found];
    this.name = button({ icon: "sound", label: t("Choose a sound"), props: {
      class: "ol-button ol-plain ol-sound-choice", "data-do": "choose" }, onclick: () =>
      openChooser(this, t("Choose a sound"), this.places.first?.session.info.id ?? null, (sound) => {
        if (sound.id !== this.places.first?.session.info.id) void this.open(sound.id);
      }) });
    this.channels = select(t("Channel"), [], "", (value) => {
      const session = this.places.first?.session;
      if (session) void this.open(session.info.id, value === "" ? null : Number(value), session.view);
    });
    const compare = button({ icon: "compare", label: t("Compare"), props: { "data-do": "compare" }, onclick: () =>
      openChooser(this, t("Compare with"), this.places.second?.session.info.id ?? null,
        (sound) => void this.places.compareWith(sound.id)) });
    const exchange = button({ icon: "download", label: t("Export"), props: { "data-do": "export" }, onclick: () => {
      if (this.session) openExport(this, this.session, () => this.places.all.map(({ lane }) => lane));
    } });
    this.needSound = [compare, exchange];
    this.intake = dropping(this, async (items) => {
      const heard = items.findLast((item) => item.kind !== "frame");
      if (heard) await this.open(heard.id);
    },
      (file) => (this.session ? bring(this, this.session, file) : Promise.resolve(false)));
    this.recording = new Recording(this, (sound) => void this.open(sound.id));
    this.body = h("div", { class: "ol-sound-body", hidden: true },
      h("div", { class: "ol-sound-main" },
        h("div", { class: "ol-row ol-sound-bar" }, this.transport.element, tools.element),
        display.element, making.element, this.places.strip, this.places.lanes, this.status.element),
      this.found.element);
    fill(this.root, h("div", { class: "ol-bar-top" }, this.name, this.channels, h("div", { class: "ol-grow" }),
      compare, exchange, this.recording.button, this.intake.button), this.recording.element, this.intake.picker, this.intake.meter, this.blank, this.body, this.intake.cover);
    host.append(this.root);
    this.root.addEventListener("keydown", (event) => this.doing.key(event));
    this.listen();
    this.arrange();
    void this.begin();
  }

  get session(): Session | null {
    return this.places.active?.session ?? null;
  }

  set(change: Partial<Settings>): void {
    this.settings = { ...this.settings, ...change };
    saveSettings(this.settings);
    this.places.redraw();
    for (const part of this.light) part.refresh();
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    this.places.redraw();
    for (const part of this.light) part.refresh();
  }

  focus(): void {
    this.places.active?.lane.area.focus({ preventScroll: true });
  }

  schedule(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  askLabel(ref: Ref): void {
    const place = this.places.active;
    const box = place?.session.boxOf(ref);
    if (!place || !box) return;
    const { session, lane } = place;
    this.closeLabel();
    this.closeLabel = askLabel({
      home: lane.area, t: this.t, rect: rectOf(box, lane.projection()), value: box.label, labels: session.marks.labels,
      done: (label) => {
        if (ref.kind === "event") this.found.accept(ref.index, label, session);
        else session.marks.change(ref.key, { ...(session.boxOf(ref) ?? box), label });
      },
      closed: () => this.focus(),
    });
  }

  async open(id: number, track: number | null = null, view?: View): Promise<void> {
    const focused = this.body.contains(document.activeElement);
    this.wait(true);
    const opened = await this.places.open(id, track, view);
    if (opened === null) return; // another is on its way
    this.wait(false);
    if (focused) this.focus();
    if (opened) await this.found.choose(undefined);
    else if (opened === false && !this.places.first) this.arrange("failed");
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.closeLabel();
    this.player.close();
    this.places.close();
    this.cleanup.run();
    this.root.remove();
  }

  private async begin(): Promise<void> {
    const { remembered } = this.places;
    const wanted = this.context.model.get("sound");
    if (remembered) await this.open(remembered.id, null, remembered.view);
    else if (typeof wanted === "number") await this.open(wanted);
    else await this.openNewest();
  }

  private async openNewest(): Promise<void> {
    const found = await this.context.attempt(() => this.channel.call<SoundRow[]>("list", { text: "" }));
    const newest = found?.data[0];
    if (this.places.begun) return; // somebody was quicker
    if (newest) await this.open(newest.id);
    else if (found) this.arrange("none");
  }

  /** While another sound is on its way, nothing can be done to the one that is still seen. */
  private wait(on: boolean): void {
    if (on) this.name.setAttribute("aria-busy", "true");
    else this.name.removeAttribute("aria-busy");
    this.body.inert = on;
    for (const node of this.needSound) node.disabled = on || !this.places.first;
  }

  private detect(): void {
    const { session } = this;
    if (session) void openDetect(this, session, (id) => this.found.choose(id, session), (part) => this.found.working(part));
  }

  /** Show the sound that is looked at, or why there is none. */
  private arrange(why: "waiting" | "none" | "failed" = "waiting"): void {
    const { t } = this;
    const first = this.places.first?.session;
    this.body.hidden = !first;
    this.blank.hidden = first !== undefined;
    for (const node of this.needSound) node.disabled = !first;
    const info = first?.info;
    const shown = info ? `${info.name} · ${playtime(info.duration_s, t.locale)}` : t("Choose a sound");
    this.name.lastElementChild!.textContent = shown;
    this.name.title = info?.name ?? shown;
    this.name.setAttribute("aria-label", info ? `${shown} – ${t("Choose a sound")}` : shown);
    this.channels.hidden = !info || info.channels < 2;
    setOptions(this.channels, [{ value: "", label: t("All channels") },
      ...Array.from({ length: info?.channels ?? 0 }, (_, i) => ({ value: String(i), label: t("Channel {n}", { n: i + 1 }) })),
    ], String(first?.track ?? ""));
    if (!first) {
      const add = button({ icon: "plus", label: t("Add files"), look: "main", onclick: () => this.intake.button.click() });
      fill(this.blank,
        why === "waiting" ? h("div", { class: "ol-loading" }, h("span", { class: "ol-spinner" }))
          : why === "none" ? empty("sound", t("No sounds yet"),
            t("Drop recordings here, or add them: WAV, FLAC, MP3, Ogg, M4A and videos with sound. They stay on this machine."), add)
            : empty("warning", t("This sound can't be shown"), t("Choose another one, or add files."),
              button({ icon: "sound", label: t("Choose a sound"), onclick: () => this.name.click() }), add));
    }
    for (const part of this.parts) part.refresh();
    this.places.redraw();
  }

  private draw(): void {
    const { places, player } = this;
    const { active, first, overview } = places;
    if (!active || !first || !overview || this.body.hidden) return;
    const at = hears(this, active.session) ? player.position : null;
    if (at !== null) {
      const view = follow(active.session.view, this.heard, at, active.session.limits, this.settings.glide);
      if (view !== active.session.view) active.session.look(view);
    }
    this.heard = at;
    let again = player.playing;
    for (const { lane } of places.all) again = lane.draw() || again;
    for (const { session, lane } of places.all) {
      const whole = { pixels: overview.pixels(), ready: true };
      const parts = [{ pixels: lane.projection(), ready: session.ready }];
      session.waves.want(session === first.session && session.ready ? [...parts, whole] : parts);
    }
    const { session } = first;
    overview.draw((hears(this, session) ? player.position : null) ?? session.cursor);
    this.transport.tick();
    if (this.listDirty) {
      this.listDirty = false;
      for (const part of this.parts) part.refresh();
    }
    if (again) this.schedule();
  }

  private laneHost(): LaneHost {
    const { t, places, doing } = this;
    return {
      locale: t.locale, palette: this.palette,
      texts: { picture: t("Spectrogram. Arrow keys move, plus and minus zoom, space plays, n and p go through events."),
        role: t("spectrogram"), local: t("local time") },
      settings: () => this.settings,
      tool: () => this.tool,
      playing: (session) => (hears(this, session) ? this.player.position : null),
      schedule: () => this.schedule(),
      activate: (lane) => {
        const place = places.all.find((one) => one.lane === lane);
        if (place) places.activate(place);
      },
      drawn: (box) => doing.drawn(box),
      changed: (key, box) => this.session?.marks.change(key, box),
      tapped: (ref, time) => doing.tapped(ref, time),
      hovered: (session, time, hz, over) => this.status.hover(session, time, hz, over),
      left: () => this.status.clear(),
    };
  }

  private told(session: Session, topic: Topic): void {
    if (topic === "list") {
      this.listDirty = true;
      this.schedule();
    } else if (topic === "status") {
      for (const part of this.light) part.refresh();
    } else if (session === this.session) {
      this.found.selected();
      this.status.refresh();
      this.status.say(session.boxOf(session.selected));
      this.transport.regionChanged();
    }
  }

  private listen(): void {
    const { channel, places, found } = this;
    this.cleanup.add(
      channel.on("progress", (data: Of & { share: number }) => {
        for (const session of places.of(data.id, data.channel)) session.progress(data.share);
      }),
      channel.on("ready", (data: Of & { tiles: Tiles }) => {
        for (const session of places.of(data.id, data.channel)) {
          // A header may have promised another length than there is.
          if (!session.made(data.tiles) && session === places.first?.session) void this.open(data.id, data.channel);
        }
      }),
      channel.on("stopped", (data: Of & { error: string }) => {
        for (const session of places.of(data.id, data.channel)) session.stop(data.error);
      }),
      channel.on("annotations", (data: Marked & { id: number }) => {
        for (const session of places.of(data.id)) session.annotated(data);
      }),
      channel.on("analyses", (data: { id: number; analyses: AnalysisRow[] }) => {
        for (const session of places.of(data.id)) found.analysed(session, data.analyses);
      }),
      channel.on("changed", debounce(500, () => { if (!places.first) void this.openNewest(); })),
    );
  }
}
