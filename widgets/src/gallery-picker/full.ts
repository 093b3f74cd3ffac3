/** The full view: one artifact large, with its findings, tags, note, CID and data. */
import { blob, type Channel } from "../lib/channel";
import { busy, button, copyText, select } from "../lib/controls";
import { type Dialog, openDialog } from "../lib/dialog";
import { Cleanup, debounce, fill, h } from "../lib/dom";
import { findings } from "../lib/findings";
import { ago, bytes, fixed, moment, playtime } from "../lib/format";
import { icon, type IconName } from "../lib/icons";
import { player } from "../lib/media";
import type { Analysis, AnalyzerChoice, Choice, Item } from "../lib/types";
import type { Context } from "../lib/widget";
import { Zoom } from "../lib/zoom";
import { fileButtons } from "./actions";
import "./full.css";

interface Detail {
  readonly item: Item;
  readonly path: string;
  readonly note: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly profile: string;
  readonly uncertainty_s: number | null;
  readonly deleted: boolean;
  readonly analyses: readonly Analysis[];
  readonly analyzers: readonly AnalyzerChoice[];
  readonly pins: readonly { storage: string; state: string; detail: string }[];
  readonly storages: readonly Choice[];
}

/** Where the full view steps through; a single item has no neighbours. */
export interface Sequence {
  readonly index: number;
  count(): number;
  load(index: number): Promise<Item | undefined>;
  /** Where an item is now that was at `hint`. */
  where?(id: number, hint: number): number;
  /** Something about the item changed (tags). */
  changed?(): void;
  remove?(item: Item): Promise<void>;
  closed?(index: number): void;
}

export const alone = (item: Item): Sequence => ({
  index: 0, count: () => 1, load: () => Promise.resolve(item),
});

export function openFull(home: HTMLElement, context: Context, sequence: Sequence): void {
  new Full(home, context, sequence);
}

class Full {
  private readonly viewer: Channel;
  private readonly cleanup = new Cleanup();
  private readonly dialog: Dialog;
  private stage = h("div", { class: "ol-full-stage", tabindex: -1 });
  private readonly side = h("aside", { class: "ol-full-side" });
  private readonly counter = h("span", { class: "ol-number ol-muted" });
  private readonly heading = h("h2", { class: "ol-ellipsis" });
  private index: number;
  private detail: Detail | null = null;
  private zoom: Zoom | null = null;
  private layer: HTMLImageElement | null = null;
  private shownOverlay = -1;
  private overlayUrl = "";
  private overlayOn = true;
  private release: () => void = () => {};
  private turn = 0;

  constructor(home: HTMLElement, private readonly context: Context,
    private readonly sequence: Sequence) {
    const { t } = context;
    this.viewer = context.channel("viewer");
    this.index = sequence.index;
    this.dialog = openDialog({
      title: t("Full view"), t, home, className: "ol-full",
      onclose: () => { this.release(); this.cleanup.run(); sequence.closed?.(this.index); },
    });
    const step = (by: number, name: "left" | "right", label: string): HTMLButtonElement =>
      button({ icon: name, label, bare: true, look: "quiet", onclick: () => void this.go(by) });
    const head = this.dialog.element.querySelector("header")!;
    head.querySelector("h2")!.remove();
    head.prepend(h("div", { class: "ol-row ol-grow ol-full-head" },
      sequence.count() > 1 && [step(-1, "left", t("Previous")), this.counter, step(1, "right", t("Next"))],
      this.heading));
    this.dialog.body.append(this.stage, this.side);
    this.stage.focus();
    this.dialog.element.addEventListener("keydown", (event) => this.key(event));
    this.cleanup.add(this.viewer.on("changed", debounce(300, () => void this.reload())));
    void this.show();
  }

  private async go(by: number): Promise<void> {
    const id = this.detail?.item.id;
    const here = id === undefined ? this.index
      : (this.sequence.where?.(id, this.index) ?? this.index);
    const to = here + by;
    if (to < 0 || to >= this.sequence.count()) return;
    this.index = to;
    await this.show();
  }

  private key(event: KeyboardEvent): void {
    const typing = (event.target as HTMLElement).matches("input, textarea, select, video, audio");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = this.zoom?.zoomed && event.shiftKey;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => (pan ? this.zoom!.pan(80, 0) : void this.go(-1)),
      ArrowRight: () => (pan ? this.zoom!.pan(-80, 0) : void this.go(1)),
      ArrowUp: () => { if (pan) this.zoom!.pan(0, 80); },
      ArrowDown: () => { if (pan) this.zoom!.pan(0, -80); },
      "+": () => this.zoom?.by(1.3), "=": () => this.zoom?.by(1.3), "-": () => this.zoom?.by(1 / 1.3),
      "0": () => this.zoom?.fit(),
      o: () => this.toggleOverlay(!this.overlayOn),
      Delete: () => void this.remove(),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  private async show(): Promise<void> {
    const { t } = this.context;
    const turn = (this.turn += 1);
    await this.context.attempt(async () => {
      const item = await this.sequence.load(this.index);
      if (turn !== this.turn) return;
      if (!item) return this.dialog.close();
      this.counter.textContent = `${this.index + 1} / ${this.sequence.count()}`;
      this.heading.textContent = `${item.camera ?? item.name} · ${moment(item.at, t.locale)}`;
      this.release();
      this.shownOverlay = -1;
      this.zoom = null;
      this.layer = null;
      fill(this.stage, h("span", { class: "ol-spinner" }));
      const [detail] = await Promise.all([
        this.viewer.call<Detail>("detail", { id: item.id }),
        item.kind === "frame" ? this.showFrame(item, turn) : this.showMedia(item),
      ]);
      if (turn !== this.turn) return;
      this.detail = detail.data;
      this.fillSide();
    });
  }

  private async showFrame(item: Item, turn: number): Promise<void> {
    const { t } = this.context;
    const { data, buffers } = await this.viewer.call<{ media_type: string }>("picture", { id: item.id });
    if (turn !== this.turn || !buffers[0]) return;
    const url = URL.createObjectURL(blob(buffers[0], data.media_type));
    const image = h("img", { src: url, alt: item.name, draggable: "false" });
    const layer = h("img", { class: "ol-full-layer", alt: "", draggable: "false", hidden: true });
    const holder = h("div", { class: "ol-full-holder" }, image, layer);
    await image.decode().catch(() => {});
    if (turn !== this.turn) return URL.revokeObjectURL(url);
    // The stage's listeners belong to the picture: a fresh stage for each.
    const stage = this.freshStage();
    const zoom = new Zoom(stage, holder, () => [image.naturalWidth || 4, image.naturalHeight || 3]);
    const scale = h("span", { class: "ol-number" }, "100 %");
    zoom.onchange = (by) => { scale.textContent = `${Math.round(by * 100)} %`; };
    const tool = (name: IconName, label: string, onclick: () => void): HTMLButtonElement =>
      button({ icon: name, label, bare: true, look: "quiet", onclick });
    const tools = h("div", { class: "ol-full-zoom" },
      tool("zoomOut", t("Zoom out"), () => zoom.by(1 / 1.4)), scale,
      tool("zoomIn", t("Zoom in"), () => zoom.by(1.4)), tool("fit", t("Fit"), () => zoom.fit()));
    for (const kind of ["pointerdown", "dblclick"]) {
      tools.addEventListener(kind, (event) => event.stopPropagation());
    }
    fill(stage, holder, tools);
    this.zoom = zoom;
    this.layer = layer;
    this.release = () => { URL.revokeObjectURL(url); this.dropOverlay(); };
  }

  private freshStage(): HTMLElement {
    const fresh = h("div", { class: "ol-full-stage", tabindex: -1 });
    const focused = document.activeElement === this.stage;
    this.stage.replaceWith(fresh);
    this.stage = fresh;
    if (focused) fresh.focus();
    return fresh;
  }

  private async showMedia(item: Item): Promise<void> {
    const { t, go } = this.context;
    const made = player(this.viewer, item, t);
    const stage = this.freshStage();
    if (item.kind === "clip") fill(stage, made.element);
    else {
      fill(stage, h("div", { class: "ol-full-sound" }, icon("sound", 56), made.element,
        go && button({ icon: "sound", label: t("Show the spectrogram"),
          props: { "data-do": "spectrogram" },
          onclick: () => { this.dialog.close(); go("sounds", { open: item }); } })));
    }
    this.release = made.stop;
    await Promise.resolve();
  }

  // --- the side

  private async reload(): Promise<void> {
    const id = this.detail?.item.id;
    if (id === undefined || this.side.contains(document.activeElement)) return;
    await this.context.attempt(async () => {
      const { data } = await this.viewer.call<Detail>("detail", { id });
      if (this.detail?.item.id === id) {
        this.detail = data;
        this.fillSide();
      }
    });
  }

  private fillSide(): void {
    const detail = this.detail!;
    const { t } = this.context;
    fill(this.side, this.findingsPart(detail), this.tagsPart(detail), this.notePart(detail),
      this.cidPart(detail), this.dataPart(detail),
      this.sequence.remove && !detail.deleted && h("div", { class: "ol-full-part" },
        button({ icon: "trash", label: t("Move to trash"), onclick: () => void this.remove() })));
    if (this.overlayOn && detail.item.kind === "frame" && this.shownOverlay < 0) {
      const first = detail.analyses.findIndex((one) => one.overlay);
      if (first >= 0) void this.drawOverlay(first);
    }
  }

  private findingsPart(detail: Detail): HTMLElement {
    const { t } = this.context;
    const memory = String(this.context.memory.get("analyzer") ?? "");
    const preferred = detail.analyzers.some((one) => one.name === memory) ? memory
      : detail.analyzers.some((one) => one.name === "sobel") ? "sobel" : "";
    const choice = select(t("Analyzer"),
      detail.analyzers.map((one) => ({ value: one.name, label: one.title })), preferred,
      (value) => this.context.memory.set("analyzer", value));
    const run = button({ icon: "analyse", label: t("Analyse"), look: "main", props: { "data-do": "analyse" } });
    run.addEventListener("click", () => void busy(run, () => this.context.attempt(async () => {
      this.context.memory.set("analyzer", choice.value);
      const { data } = await this.viewer.call<Detail>("analyse",
        { id: detail.item.id, analyzer: choice.value });
      if (this.detail?.item.id !== detail.item.id) return;
      this.detail = data;
      this.shownOverlay = -1;
      this.fillSide();
      this.sequence.changed?.();
    })));
    return h("section", { class: "ol-full-part" }, h("h3", {}, t("Analysis")),
      detail.analyzers.length > 0
        ? h("div", { class: "ol-full-run" }, choice, run)
        : h("p", { class: "ol-muted" }, t("No analyzer takes this kind of artifact yet")),
      detail.analyses.map((one, index) => h("article", { class: "ol-analysis", "data-analyzer": one.analyzer },
        h("header", { class: "ol-row" }, h("strong", { class: "ol-grow" }, one.title),
          one.overlay && detail.item.kind === "frame" && this.overlaySwitch(index)),
        findings(one, t),
        h("p", { class: "ol-hint ol-number", title: one.model ? `${t("Model")}: ${one.model}` : null },
          `${ago(one.created_at, t)} · ${t("version {v}", { v: one.version })} · ${
            Math.max(1, Math.round(one.duration_s * 1000))} ${t("ms")}`))));
  }

  private overlaySwitch(index: number): HTMLElement {
    const { t } = this.context;
    const on = this.overlayOn && this.shownOverlay === index;
    const node = button({ icon: "layers", label: t("Overlay"), bare: true,
      props: { "aria-pressed": String(on), "data-overlay": index } });
    node.addEventListener("click", () => {
      if (this.overlayOn && this.shownOverlay === index) this.toggleOverlay(false);
      else { this.overlayOn = true; void this.drawOverlay(index); }
    });
    return node;
  }

  private async drawOverlay(index: number): Promise<void> {
    const id = this.detail?.item.id;
    await this.context.attempt(async () => {
      const { buffers } = await this.viewer.call("overlay", { id, index });
      if (this.detail?.item.id !== id || !this.layer) return;
      this.dropOverlay();
      this.shownOverlay = index;
      if (buffers[0]) {
        this.overlayUrl = URL.createObjectURL(blob(buffers[0], "image/png"));
        this.layer.src = this.overlayUrl;
      }
      this.toggleOverlay(true);
    });
  }

  private toggleOverlay(on: boolean): void {
    this.overlayOn = on;
    if (on && this.shownOverlay < 0) {
      const first = this.detail?.analyses.findIndex((one) => one.overlay) ?? -1;
      if (first >= 0) void this.drawOverlay(first);
      return;
    }
    if (this.layer) this.layer.hidden = !on || !this.overlayUrl;
    for (const node of this.side.querySelectorAll<HTMLElement>("[data-overlay]")) {
      node.setAttribute("aria-pressed",
        String(on && Number(node.dataset["overlay"]) === this.shownOverlay));
    }
  }

  private dropOverlay(): void {
    if (this.overlayUrl) URL.revokeObjectURL(this.overlayUrl);
    this.overlayUrl = "";
  }

  private tagsPart(detail: Detail): HTMLElement {
    const { t } = this.context;
    const change = (change: { add?: string[]; remove?: string[] }): void =>
      void this.context.attempt(async () => {
        const { data } = await this.viewer.call<{ tags: string[] }>("tag",
          { id: detail.item.id, ...change });
        this.detail = { ...detail, item: { ...detail.item, tags: data.tags } };
        const part = this.tagsPart(this.detail);
        this.side.querySelector(".ol-tags-part")?.replaceWith(part);
        part.querySelector("input")?.focus();
        this.sequence.changed?.();
      });
    const input = h("input", { class: "ol-input", placeholder: t("Add a tag"), maxlength: 100,
      "aria-label": t("Add a tag"), enterkeyhint: "done" });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !input.value.trim()) return;
      event.preventDefault();
      change({ add: input.value.split(",").map((one) => one.trim()).filter(Boolean) });
    });
    return h("section", { class: "ol-full-part ol-tags-part" }, h("h3", {}, t("Tags")),
      h("div", { class: "ol-row" }, detail.item.tags.map((tag) => h("span", { class: "ol-chip" },
        h("span", { class: "ol-ellipsis" }, tag),
        h("button", { type: "button", class: "ol-chip-x", "aria-label": t("Remove tag {tag}", { tag }),
          onclick: () => change({ remove: [tag] }) }, icon("close", 12)))), input));
  }

  private notePart(detail: Detail): HTMLElement {
    const { t } = this.context;
    const area = h("textarea", { class: "ol-area", rows: 2, placeholder: t("Write a note"),
      "aria-label": t("Note"), value: detail.note });
    let saved = detail.note;
    area.addEventListener("blur", () => {
      if (area.value === saved) return;
      saved = area.value;
      void this.context.attempt(async () => {
        await this.viewer.call("note", { id: detail.item.id, text: saved });
        this.context.toaster.show({ kind: "good", text: t("Note kept") });
      });
    });
    return h("section", { class: "ol-full-part" }, h("h3", {}, t("Note")), area);
  }

  private cidPart(detail: Detail): HTMLElement {
    const { t, toaster } = this.context;
    const { cid } = detail.item;
    const copy = button({ icon: "copy", label: t("Copy CID"), bare: true, props: { "data-do": "copy-cid" } });
    copy.addEventListener("click", () => void copyText(cid).then((done) => toaster.show(done
      ? { kind: "good", text: t("CID copied") } : { kind: "error", text: t("The browser does not let us copy; select the text instead") })));
    return h("section", { class: "ol-full-part" }, h("h3", {}, "CID"),
      h("div", { class: "ol-row ol-cid" }, h("code", { class: "ol-grow", title: cid }, cid), copy),
      h("div", { class: "ol-row" }, fileButtons(this.dialog.element, this.viewer, detail.item,
        detail.storages, this.context, () => void this.reload())),
      detail.pins.length > 0 && h("ul", { class: "ol-row" }, detail.pins.map((pin) =>
        h("li", { class: `ol-chip ol-pin-${pin.state}`, title: pin.detail }, icon("pin", 13),
          `${pin.storage}: ${t(pin.state)}`))));
  }

  private dataPart(detail: Detail): HTMLElement {
    const { t } = this.context;
    const { item } = detail;
    const rows: [string, string][] = [
      [t("Name"), item.name],
      [t("Captured"), moment(item.at, t.locale)],
      ["UTC", moment(item.at, t.locale, "UTC")],
    ];
    if (detail.uncertainty_s !== null) rows.push([t("Time uncertainty"), `± ${fixed(detail.uncertainty_s, 3, t.locale)} ${t("s")}`]);
    if (item.camera) rows.push([t("Camera"), item.camera]);
    if (item.width) rows.push([t("Resolution"), `${item.width} × ${item.height}`]);
    if (item.duration_s !== null) rows.push([t("Duration"), playtime(item.duration_s, t.locale)]);
    rows.push([t("Size"), bytes(item.size, t.locale)], [t("Type"), item.media_type],
      [t("File"), detail.path], [t("CID profile"), detail.profile]);
    for (const [key, value] of Object.entries(detail.meta)) {
      if (key !== "name" && value !== null) rows.push([key, String(value)]);
    }
    return h("section", { class: "ol-full-part" }, h("h3", {}, t("Data")),
      h("dl", { class: "ol-data" }, rows.map(([name, value]) =>
        h("div", {}, h("dt", {}, name), h("dd", { title: value }, value)))));
  }

  private async remove(): Promise<void> {
    const item = this.detail?.item;
    if (!item || !this.sequence.remove || this.detail?.deleted) return;
    await this.context.attempt(async () => {
      await this.sequence.remove!(item);
      if (this.sequence.count() === 0) return this.dialog.close();
      this.index = Math.min(this.index, this.sequence.count() - 1);
      await this.show();
    });
  }
}
