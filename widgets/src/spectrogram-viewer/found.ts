/** Beside the picture: what an analysis found, what people marked, and the list of either. */
import { button, segmented, select, setOptions } from "../lib/controls";
import { type Cleanup, h } from "../lib/dom";
import { brief, count, measure } from "../lib/format";
import { sliderScale } from "./events";
import { Inspector } from "./inspector";
import type { Ref, Row, Session } from "./session";
import { EventTable } from "./table";
import type { AnalysisRow, Box } from "./types";
import type { Part, Viewer } from "./viewer";

export interface FoundHost {
  play(box: Box): void;
  detect(): void;
}

type List = "events" | "marks";
const NOTHING = "none";

export class Found implements Part {
  readonly element: HTMLElement;
  readonly table: EventTable;
  private readonly inspector: Inspector;
  private readonly analyses: HTMLSelectElement;
  private readonly threshold: HTMLElement;
  private readonly slider = h("input", { type: "range", min: 0, max: 1000, step: 1, "data-do": "threshold" });
  private readonly value = h("output", { class: "ol-number" });
  private readonly tally = h("span", { class: "ol-number ol-muted", role: "status", "data-tally": "" });
  private readonly all: HTMLButtonElement;
  private readonly tabs: HTMLElement;
  private readonly blank = h("p", { class: "ol-muted ol-found-blank" });
  private readonly job = h("div", { class: "ol-found-job", hidden: true });
  private list: List = "events";
  private of: unknown = null;

  constructor(private readonly viewer: Viewer, host: FoundHost, cleanup: Cleanup) {
    const { t } = viewer;
    this.analyses = select(t("Analysis"), [], "", (value) => void this.choose(value === NOTHING ? null : value));
    this.analyses.classList.add("ol-grow");
    this.slider.setAttribute("aria-label", t("Threshold"));
    this.slider.addEventListener("input", () => {
      const { session } = viewer;
      const events = session?.events;
      if (!session || !events) return;
      const share = Number(this.slider.value) / 1000;
      session.setThreshold(share === 0 ? events.scoreLow : sliderScale(events.scoreLow, events.scoreHigh).toScore(share));
    });
    this.all = button({ icon: "check", label: t("Accept all"), props: { "data-do": "accept-all" }, onclick: () => this.acceptAll() });
    this.threshold = h("div", { class: "ol-threshold", hidden: true },
      h("div", { class: "ol-row" }, h("span", { class: "ol-field-name ol-grow" }, t("Threshold")), this.value),
      this.slider, h("div", { class: "ol-row" }, h("span", { class: "ol-grow" }, this.tally), this.all));
    this.tabs = segmented(t("List"), [
      { value: "events", label: t("Events") }, { value: "marks", label: t("Annotations") },
    ], this.list, (value) => this.turn(value as List));
    this.table = new EventTable({
      t, select: (ref) => viewer.session?.select(ref, true), edit: (ref) => viewer.askLabel(ref),
    }, cleanup);
    this.inspector = new Inspector(viewer, {
      play: (box) => host.play(box),
      accept: (index) => this.accept(index),
      reject: (index) => this.reject(index),
      remove: (key) => viewer.session?.marks.remove([key]),
    });
    this.element = h("aside", { class: "ol-found", "aria-label": t("Events") },
      h("div", { class: "ol-row ol-found-top" }, this.analyses,
        button({ icon: "analyse", label: t("Detect"), props: { "data-do": "detect" }, onclick: () => host.detect() })),
      this.job, this.threshold, this.tabs, this.blank, this.table.element, this.inspector.element);
  }

  /** Which list the table shows. */
  turn(list: List): void {
    this.list = list;
    for (const node of this.tabs.children as Iterable<HTMLElement> & HTMLCollection) {
      node.setAttribute("aria-checked", String((node as HTMLElement).dataset["value"] === list));
    }
    this.refresh();
  }

  /** Show the events of an analysis, the newest with events unless told which. */
  async choose(analysis: string | null | undefined, session = this.viewer.session): Promise<void> {
    if (!session) return;
    const newest = [...session.analyses].filter((one) => one.count > 0)
      .sort((a, b) => b.created_at_ms - a.created_at_ms)[0];
    const wanted = analysis === undefined ? (newest?.id ?? null) : analysis;
    await this.viewer.context.attempt(() => session.show(wanted));
    if (session !== this.viewer.session) return;
    if (wanted && session.events?.size) this.turn("events");
    else if (session.marks.all.length) this.turn("marks");
    this.refresh();
  }

  /** Show a detector's work while it goes on; the function ends that. */
  working(part: HTMLElement): () => void {
    this.job.append(part);
    this.job.hidden = false;
    return () => {
      part.remove();
      this.job.hidden = !this.job.childElementCount;
    };
  }

  step(by: number): void {
    const { session } = this.viewer;
    if (!session) return;
    if (session.selected && !this.table.hasSelected) this.turn(session.selected.kind === "event" ? "events" : "marks");
    const next = this.table.next(by);
    if (next) session.select(next, true);
  }

  /** Make an event an annotation, and go on to the next. */
  accept(index: number, label?: string, session = this.viewer.session): void {
    if (!session) return;
    const next = session === this.viewer.session ? this.table.next(1) : null;
    session.accept([index], (box) => label ?? box.label);
    if (next?.kind === "event") session.select(next, true);
  }

  reject(index: number): void {
    const { session, context, t } = this.viewer;
    if (!session) return;
    const next = this.table.next(1);
    const back = session.reject(index);
    if (next?.kind === "event") session.select(next, true);
    context.toaster.show({ text: t("Event rejected"), ms: 4000, action: { label: t("Undo"), run: back } });
  }

  /** The kernel tells of a new analysis: show it, unless another is looked through. */
  analysed(session: Session, analyses: readonly AnalysisRow[]): void {
    const known = new Set(session.analyses.map((one) => `${one.id} ${one.created_at_ms}`));
    const fresh = analyses.find((one) => !known.has(`${one.id} ${one.created_at_ms}`));
    session.analyses = analyses;
    if (fresh && session.analysis === null) void this.choose(fresh.id, session);
    else this.refresh();
  }

  refresh(): void {
    const { session, t } = this.viewer;
    this.element.classList.toggle("ol-idle", !session);
    if (!session) return;
    setOptions(this.analyses, [{ value: NOTHING, label: t("No analysis") }, ...session.analyses.filter((one) => one.count > 0 || one.id === session.analysis).map((one) => ({
      value: one.id,
      label: `${one.title} · ${count(one.count, t.locale)} · ${brief(new Date(one.created_at_ms).toISOString(), t.locale)}`,
    }))], session.analysis ?? NOTHING);
    const { events } = session;
    const rows: readonly Row[] = session.eventRows;
    const marks = session.markRows;
    this.threshold.hidden = !events?.size;
    if (events?.size) {
      if (this.of !== events) {
        this.of = events;
        const place = sliderScale(events.scoreLow, events.scoreHigh).toShare(session.threshold);
        this.slider.value = String(Math.round(place * 1000));
      }
      this.value.textContent = measure(session.threshold, t.locale);
      this.slider.setAttribute("aria-valuetext", this.value.textContent);
      this.tally.textContent = t("{n} of {total}", { n: count(rows.length, t.locale), total: count(events.size, t.locale) });
      this.all.disabled = !rows.length;
    }
    const label = (value: List, text: string): void => {
      const node = this.tabs.querySelector<HTMLElement>(`[data-value=${value}]`)!;
      node.textContent = text;
      node.setAttribute("aria-label", text);
    };
    label("events", `${t("Events")} ${count(rows.length, t.locale)}`);
    label("marks", `${t("Annotations")} ${count(marks.length, t.locale)}`);
    const shown = this.list === "events" ? rows : marks;
    this.blank.hidden = shown.length > 0;
    this.blank.textContent = this.list === "marks"
      ? t("No annotations yet. Draw a box on the picture, or accept an event.")
      : session.analyses.length ? t("No event reaches the threshold, or no analysis is chosen.")
        : t("Nothing was detected yet. Press “Detect” to let the machine look for events.");
    this.table.element.hidden = !shown.length;
    this.table.show(shown, session.selected);
    this.inspector.refresh();
  }

  /** Only the selection has changed. */
  selected(): void {
    const { session } = this.viewer;
    if (!session) return;
    const { selected } = session;
    if (selected && (selected.kind === "event") !== (this.list === "events")) {
      return this.turn(selected.kind === "event" ? "events" : "marks");
    }
    this.table.mark(selected);
    this.inspector.refresh();
  }

  private acceptAll(): void {
    const { session, context, t } = this.viewer;
    if (!session) return;
    const indices = session.eventRows.map(({ ref }) => (ref as Extract<Ref, { kind: "event" }>).index);
    const keys = session.accept(indices, (box) => box.label);
    session.select(null);
    this.turn("marks");
    this.viewer.focus(); // the button is of no use any more
    context.toaster.show({ kind: "good", text: t.n(keys.length, "{n} event accepted", "{n} events accepted"),
      action: { label: t("Undo"), run: () => session.marks.remove(keys) } });
  }
}
