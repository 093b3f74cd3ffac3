/** The virtualised grid or strip of tiles: only what is in sight exists. */
import { Cleanup, h } from "../lib/dom";
import { brief, moment, playtime } from "../lib/format";
import type { Translate } from "../lib/i18n";
import { icon } from "../lib/icons";
import type { Item } from "../lib/types";
import { layout, type Layout, moved, offsetAt, place, reveal, scrollFor, visible } from "../lib/virtual";
import type { Store } from "./store";

const GAP = 10;
const CAPTION = 40;
const OVERSCAN = 400;
/** Tiles of a strip have the height for themselves, so they are larger. */
const STRIP = 1.6;

export interface TileActions {
  open(index: number): void;
  toggle(index: number, on: boolean): void;
  range(from: number, to: number, on: boolean): void;
  all(): void;
  none(): void;
  remove(): void;
}

interface Tile {
  readonly element: HTMLElement;
  readonly image: HTMLImageElement;
  readonly box: HTMLInputElement;
  readonly when: HTMLElement;
  readonly where: HTMLElement;
  readonly mark: HTMLElement;
  index: number;
  key: string;
}

export class Tiles {
  readonly element: HTMLElement;
  mode: "grid" | "strip" = "grid";
  size = 190;
  private readonly scroller: HTMLElement;
  private readonly canvas: HTMLElement;
  private readonly tiles = new Map<number, Tile>();
  private readonly spare: Tile[] = [];
  private readonly cleanup = new Cleanup();
  private cursor = 0;
  private anchor = 0;
  private frame = 0;
  private shape: Layout = layout({ mode: "grid", count: 0, width: 0, height: 0, tileWidth: 1,
    tileHeight: 1, gap: 0 });

  constructor(private readonly store: Store, private readonly actions: TileActions,
    private readonly t: Translate) {
    this.canvas = h("div", { class: "ol-canvas" });
    this.scroller = h("div", { class: "ol-scroll", role: "listbox", "aria-multiselectable": "true",
      "aria-label": t("Captured items"), tabindex: 0 }, this.canvas);
    this.element = this.scroller;
    this.scroller.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.key(event));
    this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    const sized = new ResizeObserver(() => this.render());
    sized.observe(this.scroller);
    this.cleanup.add(() => sized.disconnect(), () => cancelAnimationFrame(this.frame));
  }

  get current(): number {
    return this.cursor;
  }

  schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.render());
  }

  toTop(): void {
    this.cursor = this.anchor = 0;
    this.scroller.scrollTo(0, 0);
  }

  focus(index = this.cursor): void {
    this.moveTo(index, true);
  }

  /** A strip scrolls sideways, also by a plain wheel. */
  private wheel(event: WheelEvent): void {
    if (this.mode !== "strip" || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    const before = this.scroller.scrollLeft;
    this.scroller.scrollLeft += event.deltaY;
    if (this.scroller.scrollLeft !== before) event.preventDefault();
  }

  private measure(): void {
    const width = this.scroller.clientWidth - 2;
    const height = this.scroller.clientHeight;
    const strip = this.mode === "strip";
    // A phone still shows two tiles side by side.
    const tileWidth = strip ? Math.min(this.size * STRIP, Math.max(120, width * 0.8))
      : Math.min(this.size, Math.max(90, (width - GAP) / 2));
    const columns = Math.max(1, Math.floor((width + GAP) / (tileWidth + GAP)));
    const real = strip ? tileWidth : (width - GAP * (columns - 1)) / columns;
    const tileHeight = Math.round(real * 0.75) + CAPTION;
    const before = this.shape;
    const place = strip ? this.scroller.scrollLeft : this.scroller.scrollTop;
    const first = before.mode === this.mode && before.count
      ? (offsetAt(before, place) / before.step) * (before.mode === "strip" ? 1 : before.columns) : 0;
    this.shape = layout({ mode: this.mode, count: this.store.total, width, height, tileWidth,
      tileHeight, gap: GAP });
    this.canvas.style.width = strip ? `${this.shape.boxSize}px` : "100%";
    this.canvas.style.height = `${strip ? tileHeight : this.shape.boxSize}px`;
    this.scroller.classList.toggle("ol-is-strip", strip);
    if (strip) this.scroller.style.height = `${tileHeight + 18}px`;
    else this.scroller.style.removeProperty("height");
    // Another width means other rows: keep the same tiles in sight.
    if (!strip && before.mode === "grid" && before.columns !== this.shape.columns && first > 0) {
      this.scroller.scrollTop = scrollFor(this.shape, (first / this.shape.columns) * this.shape.step);
    }
  }

  render(): void {
    this.measure();
    const l = this.shape;
    if (!l.viewport) return;
    const scroll = l.mode === "strip" ? this.scroller.scrollLeft : this.scroller.scrollTop;
    const window = visible(l, scroll, OVERSCAN);
    for (const [index, tile] of this.tiles) {
      if (index < window.first || index >= window.last) {
        this.tiles.delete(index);
        if (tile.element === document.activeElement) this.scroller.focus({ preventScroll: true });
        tile.element.remove();
        tile.key = "";
        this.spare.push(tile);
      }
    }
    for (let index = window.first; index < window.last; index++) {
      let tile = this.tiles.get(index);
      if (!tile) {
        tile = this.spare.pop() ?? this.make();
        tile.index = index;
        this.tiles.set(index, tile);
        this.canvas.append(tile.element);
      }
      const { x, y } = place(l, index, scroll);
      tile.element.style.transform = `translate(${x}px, ${y}px)`;
      tile.element.style.width = `${l.realWidth}px`;
      tile.element.style.height = `${l.tileHeight}px`;
      this.paint(tile);
    }
    this.scroller.tabIndex = this.tiles.has(this.cursor) ? -1 : 0;
    if (this.spare.length > 60) this.spare.length = 60;
    this.store.need(window);
  }

  private make(): Tile {
    const image = h("img", { alt: "", draggable: "false", decoding: "async" });
    const box = h("input", { type: "checkbox", tabindex: -1, "aria-hidden": "true" });
    const when = h("span", { class: "ol-tile-when" });
    const where = h("span", { class: "ol-tile-where ol-ellipsis" });
    const mark = h("span", { class: "ol-tile-mark", hidden: true });
    const wave = h("span", { class: "ol-tile-wave" }, icon("sound", 44));
    const element = h("div", { class: "ol-tile", role: "option" },
      h("div", { class: "ol-thumb" }, wave, image, mark, h("label", { class: "ol-tick" }, box)),
      h("div", { class: "ol-caption" }, when, where));
    const tile: Tile = { element, image, box, when, where, mark, index: -1, key: "" };
    element.addEventListener("click", (event) => this.click(tile, event));
    box.addEventListener("click", (event) => {
      event.stopPropagation();
      const on = box.checked;
      this.cursor = tile.index;
      if (event.shiftKey) this.actions.range(this.anchor, tile.index, on);
      else this.actions.toggle(tile.index, on);
      this.anchor = tile.index;
      this.schedule();
    });
    element.querySelector("label")!.addEventListener("click", (event) => event.stopPropagation());
    return tile;
  }

  private paint(tile: Tile): void {
    const item = this.store.at(tile.index);
    const thumb = item && this.store.thumb(item.id);
    const current = tile.index === this.cursor;
    const key = `${item?.id}|${thumb}|${item?.selected}|${current}|${this.store.total}`;
    if (tile.key === key) return;
    tile.key = key;
    const { t } = this;
    const { element } = tile;
    element.tabIndex = current ? 0 : -1;
    element.setAttribute("aria-posinset", String(tile.index + 1));
    element.setAttribute("aria-setsize", String(this.store.total));
    element.setAttribute("aria-selected", String(item?.selected ?? false));
    element.classList.toggle("ol-empty-tile", !item);
    tile.box.checked = item?.selected ?? false;
    if (thumb) {
      if (tile.image.getAttribute("src") !== thumb) tile.image.src = thumb;
      tile.image.hidden = false;
    } else {
      tile.image.hidden = true;
      tile.image.removeAttribute("src");
    }
    element.dataset["id"] = item ? String(item.id) : "";
    element.dataset["kind"] = item?.kind ?? "";
    tile.when.textContent = item ? brief(item.at, t.locale) : "";
    tile.where.textContent = item ? (item.camera ?? item.name) : "";
    tile.mark.hidden = !item || item.kind === "frame";
    if (item && item.kind !== "frame") {
      tile.mark.replaceChildren(icon(item.kind === "clip" ? "film" : "sound", 14),
        item.duration_s !== null ? playtime(item.duration_s, t.locale) : "");
    }
    element.setAttribute("aria-label", item ? describe(item, t) : t("Loading…"));
    element.title = item ? `${item.name}\n${moment(item.at, t.locale)}${
      item.tags.length ? `\n${item.tags.join(", ")}` : ""}` : "";
  }

  private click(tile: Tile, event: MouseEvent): void {
    // A tile whose row is still on its way opens too: the full view waits for it.
    const item = this.store.at(tile.index);
    if (event.shiftKey) this.actions.range(this.anchor, tile.index, true);
    else if (!(event.ctrlKey || event.metaKey)) this.actions.open(tile.index);
    else if (item) this.actions.toggle(tile.index, !item.selected);
    this.cursor = tile.index;
    if (!event.shiftKey) this.anchor = tile.index;
    this.schedule();
  }

  private moveTo(index: number, focus: boolean): void {
    this.cursor = Math.max(0, Math.min(index, this.store.total - 1));
    const strip = this.mode === "strip";
    const scroll = reveal(this.shape, this.cursor,
      strip ? this.scroller.scrollLeft : this.scroller.scrollTop);
    if (strip) this.scroller.scrollLeft = scroll;
    else this.scroller.scrollTop = scroll;
    this.render();
    if (focus) this.tiles.get(this.cursor)?.element.focus({ preventScroll: true });
  }

  private key(event: KeyboardEvent): void {
    const { key } = event;
    const mod = event.ctrlKey || event.metaKey;
    const target = mod || event.altKey ? undefined : moved(this.shape, this.cursor, key);
    const item = this.store.at(this.cursor);
    if (target !== undefined) {
      if (event.shiftKey) this.actions.range(this.anchor, target, true);
      else this.anchor = target;
      this.moveTo(target, true);
    } else if (key === "Enter" && this.store.total) this.actions.open(this.cursor);
    else if (key === " " && item) {
      this.anchor = this.cursor;
      this.actions.toggle(this.cursor, !item.selected);
    } else if (key === "Delete" || (key === "Backspace" && mod)) this.actions.remove();
    else if (mod && key.toLowerCase() === "a") this.actions.all();
    else if (key === "Escape") this.actions.none();
    else return;
    event.preventDefault();
  }

  dispose(): void {
    this.cleanup.run();
    this.element.remove();
  }
}

export function describe(item: Item, t: Translate): string {
  const kind = { frame: t("Frame"), clip: t("Clip"), sound: t("Sound") }[item.kind];
  return [kind, moment(item.at, t.locale), item.camera ?? item.name, ...item.tags].join(", ");
}
