/** One opened sound: its view, pictures, events and annotations. No DOM. */
import type { Channel } from "../lib/channel";
import { annotated, EventList } from "./events";
import { Marks, type Saved } from "./marks";
import { Pictures } from "./pictures";
import type { Source } from "./player";
import type { AnalysisRow, Box, EventColumns, Marked, Opened, Tiles } from "./types";
import { bound, goTo, type Limits, type View, whole } from "./view";
import { Waves } from "./waves";

/** An event of the shown analysis or an annotation. */
export type Ref = { readonly kind: "event"; readonly index: number }
  | { readonly kind: "mark"; readonly key: number };

export interface Row {
  readonly ref: Ref;
  readonly box: Box;
}

export const same = (a: Ref | null, b: Ref | null): boolean => a === b || (a !== null && b !== null
  && (a.kind === "event" ? b.kind === "event" && a.index === b.index
    : b.kind === "mark" && a.key === b.key));

/** What changed: where one looks, what is drawn, what is listed, what is selected, how far it is. */
export type Topic = "view" | "picture" | "list" | "selection" | "status";

const FIRST_VIEW_S = 120;

export class Session {
  readonly limits: Limits;
  readonly pictures: Pictures;
  readonly waves: Waves;
  readonly marks: Marks;
  readonly source: Source;
  view: View;
  ready: boolean;
  share = 0;
  /** Why the overview is not being made any more. */
  stopped: string | null = null;
  analyses: readonly AnalysisRow[];
  analysis: string | null = null;
  events: EventList | null = null;
  threshold = 0;
  selected: Ref | null = null;
  /** A stretch of time and frequency that is played, or filtered, or zoomed to. */
  region: Box | null = null;
  cursor = 0;
  private touched = false;
  /** What is listed, until something of it changes. */
  private rows: { events?: readonly Row[]; marks?: readonly Row[] } = {};
  private accepted: Uint8Array = new Uint8Array(0);
  /** The events that were rejected, by analysis, and those of the analysis that is shown. */
  private readonly rejections = new Map<string | null, Set<number>>();
  private rejected: ReadonlySet<number> = new Set<number>();
  private readonly listeners = new Map<Topic, Set<() => void>>();

  constructor(readonly info: Opened, private readonly channel: Channel,
    readonly track: number | null, onerror: (error: unknown) => void) {
    this.limits = { duration: info.duration_s, nyquist: info.sr / 2 };
    this.ready = info.ready;
    this.analyses = info.analyses;
    const redraw = (): void => this.tell("picture");
    this.pictures = new Pictures(channel, info.id, track, info.tiles, this.limits, redraw, onerror);
    this.waves = new Waves(channel, info.id, track, info.tiles, this.limits, redraw, onerror);
    this.marks = new Marks({
      save: async (add, change, remove) =>
        (await channel.call<Saved>("edit", { id: info.id, add, change, remove })).data,
    }, info);
    this.marks.onerror = onerror;
    this.marks.onchange = () => this.listed();
    const all = whole(this.limits);
    this.view = this.ready || all.end <= FIRST_VIEW_S ? all : { ...all, end: FIRST_VIEW_S };
    this.source = {
      id: info.id, track, duration: info.duration_s,
      fetch: async (start, end) => {
        const { buffers } = await channel.call("audio", { id: info.id, start_s: start, end_s: end,
          ...(track === null ? {} : { channel: track }) });
        return buffers[0]!;
      },
    };
    this.listed();
  }

  on(topic: Topic, listener: () => void): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set.add(listener));
    return () => set.delete(listener);
  }

  tell(topic: Topic): void {
    if (topic === "list") this.rows = {};
    for (const listener of [...(this.listeners.get(topic) ?? [])]) listener();
  }

  look(view: View): void {
    this.touched = true;
    this.view = bound(view, this.limits);
    this.tell("view");
  }

  // --- the overview while it is made

  progress(share: number): void {
    this.share = share;
    this.stopped = null;
    this.tell("status");
  }

  /** The overview is there; whether the sound is as long as was thought. */
  made(tiles: Tiles): boolean {
    this.ready = true;
    this.stopped = null;
    this.pictures.renew(tiles);
    this.waves.renew(tiles);
    if (!this.touched) this.view = whole(this.limits);
    this.tell("status");
    this.tell("view");
    return Math.abs(tiles.duration_s - this.limits.duration) < 0.05;
  }

  stop(reason: string): void {
    this.stopped = reason;
    this.tell("status");
  }

  // --- events

  async show(analysis: string | null): Promise<void> {
    this.analysis = analysis;
    this.events = null;
    this.rejected = this.rejectedOf(analysis);
    this.select(null);
    if (analysis === null) return this.listed();
    const { data } = await this.channel.call<EventColumns>("events", { id: this.info.id, analysis });
    if (this.analysis !== analysis) return;
    this.events = new EventList(data);
    this.threshold = this.events.scoreLow;
    this.listed();
  }

  setThreshold(score: number): void {
    this.threshold = score;
    if (this.selected?.kind === "event" && !this.isShown(this.selected.index)) this.select(null);
    this.tell("list");
  }

  /** An event is shown until it is accepted or rejected, if its score reaches the threshold. */
  isShown(index: number): boolean {
    return this.events!.boxes[index]!.score >= this.threshold && this.isOpen(index);
  }

  get eventRows(): readonly Row[] {
    if (!this.rows.events) {
      const rows: Row[] = [];
      this.events?.boxes.forEach((box, index) => {
        if (this.isShown(index)) rows.push({ ref: { kind: "event", index }, box });
      });
      this.rows.events = rows;
    }
    return this.rows.events;
  }

  get markRows(): readonly Row[] {
    this.rows.marks ??= this.marks.all.map(({ key, box }) => ({ ref: { kind: "mark", key }, box }));
    return this.rows.marks;
  }

  /** Whether an event is neither accepted nor rejected yet. */
  isOpen(index: number): boolean {
    return !this.rejected.has(index) && !this.accepted[index];
  }

  /** Make events annotations, but those that are none yet; a single one is selected. Their keys. */
  accept(indices: readonly number[], label: (box: Box) => string): number[] {
    const open = indices.filter((index) => this.isOpen(index));
    if (!open.length) return [];
    const boxes = open.map((index) => this.events!.boxes[index]!);
    const keys = this.marks.add(boxes.map((box) => ({ ...box, label: label(box) })));
    if (keys.length === 1) this.select({ kind: "mark", key: keys[0]! });
    return keys;
  }

  /** Take an event off the list, in this view only; the function puts it back. */
  reject(index: number): () => void {
    const rejected = this.rejectedOf(this.analysis);
    const put = (out: boolean): void => {
      if (out) rejected.add(index);
      else rejected.delete(index);
      if (this.rejected !== rejected) return; // another analysis is shown by now
      if (out && same(this.selected, { kind: "event", index })) this.select(null);
      this.tell("list");
    };
    const [out, back] = [() => put(true), () => put(false)];
    this.marks.record(out, back);
    return () => this.marks.record(back, out);
  }

  /** The events that are rejected, by their places in the analysis that is shown. */
  get rejectedPlaces(): number[] {
    return [...this.rejected].flatMap((index) => this.events?.places[index] ?? []);
  }

  private rejectedOf(analysis: string | null): Set<number> {
    const found = this.rejections.get(analysis) ?? new Set();
    this.rejections.set(analysis, found);
    return found;
  }

  // --- selection

  boxOf(ref: Ref | null): Box | null {
    if (!ref) return null;
    return (ref.kind === "event" ? this.events?.boxes[ref.index] : this.marks.get(ref.key)?.box) ?? null;
  }

  select(ref: Ref | null, goThere = false): void {
    if (!same(ref, this.selected)) {
      this.selected = ref;
      this.tell("selection");
    }
    const box = goThere ? this.boxOf(ref) : null;
    if (!box) return;
    this.cursor = box.start;
    this.look(goTo(this.view, box, this.limits));
  }

  mark(region: Box | null): void {
    this.region = region;
    this.tell("selection");
  }

  place(time: number): void {
    this.cursor = Math.min(Math.max(time, 0), this.limits.duration);
    this.tell("selection");
  }

  /** The kernel tells of annotations that another view has changed. */
  annotated(marked: Marked): void {
    this.marks.replace(marked);
  }

  close(): void {
    this.pictures.close();
    this.waves.close();
    this.listeners.clear();
  }

  private listed(): void {
    this.accepted = this.events ? annotated(this.events, this.marks.all.map((mark) => mark.box))
      : new Uint8Array(0);
    if (this.selected && !this.boxOf(this.selected)) this.selected = null;
    this.tell("list");
    this.tell("selection");
  }
}

/** The view of a second sound that moves with the first, `offset` seconds later. */
export function linked(view: View, offset: number, limits: Limits): View {
  return bound({ start: view.start + offset, end: view.end + offset,
    low: view.low, high: Math.min(view.high, limits.nyquist) }, limits);
}
