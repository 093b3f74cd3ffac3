/** Rows and small pictures of what matches a query, fetched as they come into sight. */
import { blob, type Channel, Gone } from "../lib/channel";
import { Lru } from "../lib/lru";
import type { Item } from "../lib/types";
import { blocks, type Window } from "../lib/virtual";
import { type Facets, type Filter, wire } from "./types";

const BLOCK = 100;
const KEPT_BLOCKS = 80;
const KEPT_THUMBS = 900;
const THUMBS_AT_ONCE = 32;
const REQUESTS_AT_ONCE = 2;

export class Store {
  total = 0;
  facets: Facets | null = null;
  /** Called when rows or small pictures have come. */
  onchange: () => void = () => {};
  onerror: (error: unknown) => void = () => {};

  private generation = 0;
  private fresh = new Set<number>();
  private readonly asked = new Map<number, Promise<void>>();
  private readonly rows = new Lru<number, Item[]>(KEPT_BLOCKS);
  private readonly pictures = new Lru<number, string>(KEPT_THUMBS, (url) => {
    if (url) URL.revokeObjectURL(url);
  });
  private wanted: number[] = [];
  private readonly underway = new Set<number>();
  private requests = 0;

  constructor(private readonly channel: Channel) {}

  /** Show what matches; `keep` leaves old rows in sight until new ones come. */
  async query(filter: Filter, keep = false): Promise<Facets | null> {
    const generation = (this.generation += 1);
    const { data } = await this.channel.call<Facets>("query", { filter: wire(filter) });
    if (generation !== this.generation) return null;
    this.facets = data;
    this.total = data.total;
    this.fresh.clear();
    this.asked.clear();
    if (!keep) this.rows.clear();
    this.onchange();
    return data;
  }

  at(index: number): Item | undefined {
    return index < 0 ? undefined : this.rows.get(Math.floor(index / BLOCK))?.[index % BLOCK];
  }

  /** The row at a place, fetched if need be. */
  async load(index: number): Promise<Item | undefined> {
    for (let tries = 0; tries < 5 && !this.at(index) && index < this.total; tries++) {
      await this.fetchBlock(Math.floor(index / BLOCK)); // a new query meanwhile: ask again
    }
    return this.at(index);
  }

  /** Where an item is now that was at `hint`: frames that come meanwhile shift it. */
  where(id: number, hint: number): number {
    for (let step = 0; step <= 2 * BLOCK; step++) {
      if (this.at(hint + step)?.id === id) return hint + step;
      if (step && this.at(hint - step)?.id === id) return hint - step;
    }
    return hint;
  }

  /** Every row that is here now. */
  *loaded(): Iterable<Item> {
    for (let b = 0; b * BLOCK < this.total; b++) yield* this.rows.has(b) ? this.rows.get(b)! : [];
  }

  /** undefined: not here yet; "": there is none. */
  thumb(id: number): string | undefined {
    return this.pictures.get(id);
  }

  /** Fetch what a window needs. */
  need(window: Window): void {
    for (const block of blocks(window, BLOCK)) {
      if (!this.fresh.has(block)) void this.fetchBlock(block).catch(this.onerror);
    }
    this.wanted = [];
    for (let i = window.first; i < window.last; i++) {
      const item = this.at(i);
      if (item && this.pictures.get(item.id) === undefined && !this.underway.has(item.id)) {
        this.wanted.push(item.id);
      }
    }
    this.pump();
  }

  private fetchBlock(block: number): Promise<void> {
    const underway = this.asked.get(block);
    if (underway) return underway;
    const begun = this.readBlock(block, this.generation);
    this.asked.set(block, begun);
    return begun;
  }

  private async readBlock(block: number, generation: number): Promise<void> {
    try {
      const { data } = await this.channel.call<{ items: Item[] }>("page",
        { offset: block * BLOCK, limit: BLOCK });
      if (generation !== this.generation) return;
      this.rows.set(block, data.items);
      this.fresh.add(block);
      this.onchange();
    } catch (error) {
      if (generation === this.generation) this.asked.delete(block);
      if (!(error instanceof Gone)) throw error;
    }
  }

  private pump(): void {
    while (this.requests < REQUESTS_AT_ONCE && this.wanted.length) {
      const ids = this.wanted.splice(0, THUMBS_AT_ONCE);
      for (const id of ids) this.underway.add(id);
      this.requests += 1;
      this.channel.call<{ ids: number[] }>("thumbs", { ids }).then(({ data, buffers }) => {
        data.ids.forEach((id, i) => {
          const buffer = buffers[i];
          this.pictures.set(id, buffer?.byteLength
            ? URL.createObjectURL(blob(buffer, "image/jpeg")) : "");
        });
        this.onchange();
      }).catch((error) => {
        if (!(error instanceof Gone)) this.onerror(error);
      }).finally(() => {
        for (const id of ids) this.underway.delete(id);
        this.requests -= 1;
        this.pump();
      });
    }
  }

  dispose(): void {
    this.generation += 1;
    this.wanted = [];
    this.rows.clear();
    this.pictures.clear();
  }
}
