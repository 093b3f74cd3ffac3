/** Requests for pieces of data: few at a time, what is in sight first, what left sight dropped. */
import { Lru } from "../lib/lru";

const RETRY_MS = 4_000;

export interface Wanted<V> {
  readonly key: string;
  load(): Promise<V>;
}

/**
 * A cache that is filled through at most `limit` requests at a time.
 *
 * `want` says what is needed now, most urgent first; what waits and is wanted no more is
 * forgotten. A request that failed is tried again after a while.
 */
export class Queue<V> {
  private waiting: readonly Wanted<V>[] = [];
  private readonly flying = new Set<string>();
  private readonly failed = new Map<string, number>();
  private readonly kept: Lru<string, V>;
  private closed = false;
  onready: (key: string) => void = () => {};
  onerror: (error: unknown) => void = () => {};

  constructor(size: number, private readonly limit = 4, private readonly now = () => Date.now()) {
    this.kept = new Lru(size);
  }

  get(key: string): V | undefined {
    return this.kept.get(key);
  }

  has(key: string): boolean {
    return this.kept.has(key);
  }

  want(list: readonly Wanted<V>[]): void {
    const now = this.now();
    this.waiting = list.filter(({ key }) => !this.kept.has(key) && !this.flying.has(key)
      && now - (this.failed.get(key) ?? -Infinity) > RETRY_MS);
    this.start();
  }

  /** Forget what was kept, as when the data behind it has changed. */
  clear(): void {
    this.kept.clear();
    this.failed.clear();
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    this.clear();
  }

  private start(): void {
    while (this.flying.size < this.limit && this.waiting.length && !this.closed) {
      const [first, ...rest] = this.waiting;
      this.waiting = rest;
      this.flying.add(first!.key);
      void this.fly(first!);
    }
  }

  private async fly(one: Wanted<V>): Promise<void> {
    try {
      const value = await one.load();
      if (!this.closed) this.kept.set(one.key, value);
    } catch (error) {
      this.failed.set(one.key, this.now());
      if (!this.closed) this.onerror(error);
    }
    this.flying.delete(one.key);
    if (this.closed) return;
    this.start();
    this.onready(one.key);
  }
}
