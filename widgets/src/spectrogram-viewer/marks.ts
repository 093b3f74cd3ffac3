/** The annotations of a sound: changed here at once, saved one edit after another, undone. */
import { History } from "./history";
import type { Box, Marked } from "./types";

/** An annotation; `key` stays the same when undoing gives it another id in the lab. */
export interface Mark {
  readonly key: number;
  readonly box: Box;
}

/** What an edit does to one mark; `null` is "not there". */
export interface Delta {
  readonly key: number;
  readonly before: Box | null;
  readonly after: Box | null;
}

export interface Saved extends Marked {
  readonly added: readonly number[];
}

/** The lab as the annotations of one sound know it. */
export interface Store {
  save(add: readonly Box[], change: Readonly<Record<string, Box>>, remove: readonly number[]): Promise<Saved>;
}

/** A step of the history: an edit, or something the viewer keeps to itself. */
type Turn = readonly Delta[] | (() => void);

const inverse = (edit: readonly Delta[]): Delta[] =>
  edit.map(({ key, before, after }) => ({ key, before: after, after: before })).reverse();

export class Marks {
  private readonly byKey = new Map<number, Mark>();
  private readonly ids = new Map<number, number>();
  private readonly history = new History<Turn>();
  private readonly waiting: (readonly Delta[])[] = [];
  private keys = 0;
  private saving = false;
  private order: readonly Mark[] | null = null;
  onchange: () => void = () => {};
  onerror: (error: unknown) => void = () => {};

  /** `known` is what the lab has, by its latest word. */
  constructor(private readonly store: Store, private known: Marked = { revision: 0, annotations: [] }) {
    this.take();
  }

  /** All marks in the order of time. */
  get all(): readonly Mark[] {
    this.order ??= [...this.byKey.values()].sort((a, b) => a.box.start - b.box.start);
    return this.order;
  }

  get(key: number): Mark | undefined {
    return this.byKey.get(key);
  }

  get labels(): string[] {
    return [...new Set(this.all.map((mark) => mark.box.label).filter(Boolean))].sort();
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  get busy(): boolean {
    return this.saving;
  }

  /** Add boxes; their keys. */
  add(boxes: readonly Box[]): number[] {
    const edit = boxes.map((box) => ({ key: (this.keys += 1), before: null, after: box }));
    this.perform(edit);
    return edit.map(({ key }) => key);
  }

  change(key: number, box: Box): void {
    const before = this.byKey.get(key)?.box;
    if (before) this.perform([{ key, before, after: box }]);
  }

  remove(keys: readonly number[]): void {
    const edit = keys.flatMap((key) => {
      const before = this.byKey.get(key)?.box;
      return before ? [{ key, before, after: null }] : [];
    });
    if (edit.length) this.perform(edit);
  }

  undo(): void {
    this.again(this.history.undo());
  }

  redo(): void {
    this.again(this.history.redo());
  }

  /** Do something that is undone in turn with the edits, but not saved. */
  record(forth: () => void, back: () => void): void {
    this.history.push({ forth, back });
    forth();
  }

  /** What the lab has now, as an edit, another view or an import left it. */
  replace(told: Marked): void {
    // What the kernel tells and what it answers come by different threads: the newest holds.
    if (told.revision <= this.known.revision) return;
    this.known = told;
    if (this.saving) return; // it may lack an edit that is on its way
    this.take();
    this.onchange();
  }

  private perform(edit: readonly Delta[]): void {
    this.history.push({ forth: edit, back: inverse(edit) });
    this.again(edit);
  }

  private again(edit: Turn | undefined): void {
    if (!edit) return;
    if (typeof edit === "function") return edit();
    this.apply(edit);
    this.waiting.push(edit);
    this.onchange();
    void this.send();
  }

  private apply(edit: readonly Delta[]): void {
    this.order = null;
    for (const { key, after } of edit) {
      if (after) this.byKey.set(key, { key, box: after });
      else this.byKey.delete(key);
    }
  }

  private async send(): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    while (this.waiting.length) {
      const edit = this.waiting[0]!;
      try {
        await this.sendOne(edit);
        this.waiting.shift();
      } catch (error) {
        this.waiting.length = 0;
        this.history.clear();
        this.onerror(error);
      }
    }
    this.saving = false;
    this.take();
    this.onchange();
  }

  private async sendOne(edit: readonly Delta[]): Promise<void> {
    const added = edit.filter(({ before, after }) => !before && after);
    const change: Record<string, Box> = {};
    const remove: number[] = [];
    for (const { key, before, after } of edit) {
      const id = this.ids.get(key);
      if (id === undefined || !before) continue;
      if (after) change[id] = after;
      else remove.push(id);
    }
    const saved = await this.store.save(added.map(({ after }) => after!), change, remove);
    added.forEach(({ key }, i) => this.ids.set(key, saved.added[i]!));
    this.replace(saved);
  }

  private take(): void {
    const keyOf = new Map([...this.ids].map(([key, id]) => [id, key]));
    this.byKey.clear();
    this.order = null;
    for (const { id, ...box } of this.known.annotations) {
      const key = keyOf.get(id) ?? (this.keys += 1);
      this.ids.set(key, id);
      this.byKey.set(key, { key, box });
    }
  }
}
