/** A list of tens of thousands of events or annotations, only the rows in sight in the page. */
import { Cleanup, fill, h, pressed } from "../lib/dom";
import { icon } from "../lib/icons";
import type { Translate } from "../lib/i18n";
import { layout, moved, offsetAt, reveal, visible } from "../lib/virtual";
import { clockText, hertzText } from "./axes";
import { sorted, type SortKey } from "./events";
import { type Ref, type Row, same } from "./session";
import type { Box } from "./types";

const ROW = 32;

export interface TableHost {
  readonly t: Translate;
  select(ref: Ref): void;
  /** Enter on a row: its label. */
  edit(ref: Ref): void;
}

/** "2.1–4.3 kHz", or nothing for a box of the whole height. */
export function bandText(box: Box, locale: string): string {
  if (box.low_hz == null || box.high_hz == null) return "–";
  const unit = box.high_hz >= 1000 ? 1000 : 1;
  const digits = unit === 1 ? 0 : box.high_hz < 10_000 ? 1 : 0;
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  return `${number.format(box.low_hz / unit)}–${hertzText(box.high_hz, locale, unit === 1 ? 1 : 10 ** (3 - digits))}`;
}

export class EventTable {
  readonly element: HTMLElement;
  private rows: readonly Row[] = [];
  private unsorted: readonly Row[] = [];
  private selected: Ref | null = null;
  private sort: SortKey = "start";
  private descending = false;
  private readonly head = h("div", { class: "ol-event-row ol-event-head", role: "row" });
  private readonly canvas = h("div", { class: "ol-canvas ol-event-rows", role: "rowgroup" });
  private frame = 0;

  constructor(private readonly host: TableHost, cleanup: Cleanup) {
    const { t } = host;
    this.element = h("div", { class: "ol-event-table", role: "grid", "aria-label": t("Events"), tabindex: 0 },
      h("div", { class: "ol-event-top", role: "rowgroup" }, this.head), this.canvas);
    this.element.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.key(event));
    const sized = new ResizeObserver(() => this.schedule());
    sized.observe(this.element);
    cleanup.add(() => sized.disconnect(), () => cancelAnimationFrame(this.frame));
    this.drawHead();
  }

  show(rows: readonly Row[], selected: Ref | null): void {
    this.unsorted = rows;
    this.arrange();
    this.mark(selected);
  }

  mark(selected: Ref | null): void {
    if (selected && !same(selected, this.selected)) {
      const index = this.rows.findIndex(({ ref }) => same(ref, selected));
      if (index >= 0) this.element.scrollTop = reveal(this.shape(), index, this.element.scrollTop);
    }
    this.selected = selected;
    this.schedule();
  }

  /** The row that comes `by` places after the selected one. */
  next(by: number): Ref | null {
    const at = this.rows.findIndex(({ ref }) => same(ref, this.selected));
    const to = at < 0 ? (by > 0 ? 0 : this.rows.length - 1) : at + by;
    return this.rows[to]?.ref ?? null;
  }

  get hasSelected(): boolean {
    return this.rows.some(({ ref }) => same(ref, this.selected));
  }

  private arrange(): void {
    this.rows = this.sort === "start" && !this.descending ? this.unsorted
      : sorted(this.unsorted, this.sort, this.descending);
    this.element.setAttribute("aria-rowcount", String(this.rows.length + 1));
    this.schedule();
  }

  private shape() {
    return layout({ mode: "grid", count: this.rows.length, width: 100,
      height: Math.max(ROW, this.element.clientHeight - this.head.offsetHeight),
      tileWidth: 100, tileHeight: ROW, gap: 0 });
  }

  private key(event: KeyboardEvent): void {
    const at = this.rows.findIndex(({ ref }) => same(ref, this.selected));
    const next = event.key === "ArrowLeft" || event.key === "ArrowRight" ? undefined
      : moved(this.shape(), Math.max(at, 0), event.key);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const row = this.rows[at < 0 ? 0 : next];
    if (row) this.host.select(row.ref);
  }

  private drawHead(): void {
    const { t } = this.host;
    const columns: readonly (readonly [SortKey, string])[] = [
      ["start", t("Time")], ["length", t("Length")], ["low", t("Frequency")], ["label", t("Label")], ["score", t("Score")],
    ];
    fill(this.head, columns.map(([key, label]) => {
      const on = this.sort === key;
      return h("div", { role: "columnheader", class: `ol-cell ol-event-${key}`,
        "aria-sort": on ? (this.descending ? "descending" : "ascending") : "none" },
      h("button", { type: "button", class: "ol-sort", "data-sort": key, onclick: () => {
        this.descending = on ? !this.descending : key === "score";
        this.sort = key;
        this.drawHead();
        (this.head.querySelector(`[data-sort=${key}]`) as HTMLElement).focus();
        this.arrange();
      } }, label, on && h("span", { class: `ol-arrow${this.descending ? " ol-turned" : ""}` }, icon("down", 12))));
    }));
  }

  private schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    if (pressed(this.canvas)) return this.schedule();
    const shape = this.shape();
    this.canvas.style.height = `${shape.boxSize}px`;
    const window = visible(shape, this.element.scrollTop, 160);
    const shift = this.element.scrollTop - offsetAt(shape, this.element.scrollTop);
    const nodes: HTMLElement[] = [];
    for (let i = window.first; i < window.last; i++) {
      const node = this.drawRow(this.rows[i]!, i);
      node.style.transform = `translateY(${i * ROW + shift}px)`;
      nodes.push(node);
    }
    this.canvas.replaceChildren(...nodes);
    const active = this.canvas.querySelector('[aria-selected="true"]');
    if (active) this.element.setAttribute("aria-activedescendant", active.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  private drawRow({ ref, box }: Row, index: number): HTMLElement {
    const { locale } = this.host.t;
    const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const cell = (key: string, text: string): HTMLElement =>
      h("div", { role: "gridcell", class: `ol-cell ol-event-${key} ol-ellipsis`, title: key === "label" ? text : null }, text);
    const id = ref.kind === "event" ? `e${ref.index}` : `m${ref.key}`;
    return h("div", { class: "ol-event-row", role: "row", id: `ol-row-${id}`, "data-row": id,
      "aria-rowindex": index + 2, "aria-selected": String(same(ref, this.selected)),
      onclick: () => this.host.select(ref), ondblclick: () => this.host.edit(ref) },
    cell("start", clockText(box.start, 0.1)), cell("length", `${number.format(box.end - box.start)}`),
    cell("low", bandText(box, locale)), cell("label", box.label), cell("score", number.format(box.score)));
  }
}
