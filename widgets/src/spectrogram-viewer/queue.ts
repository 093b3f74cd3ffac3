/** Requests for pieces of data: few at a time, what is in sight first, what left sight dropped. */
import { Lru } from "../lib/lru";

const RETRY_MS = 4_000;
const LONGEST_MS = 60_000;

export interface Wanted<V> {
  readonly key: string;
  load(): Promise<V>;
}

/**
 * A cache that is filled through at most `limit` requests at a time.
 *
 * `want` says what is needed now, most urgent first; what waits and is wanted no more is
 * forgotten. A request that failed is tried again after a while, also when nobody asks anew,
 * and after a longer while each time.
 */
export class Queue<V> {
  private waiting: readonly Wanted<V>[] = [];
  /** What is wanted and failed before. */
  private later: readonly Wanted<V>[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly flying = new Set<string>();
  private readonly failed = new Map<string, { readonly times: number; readonly due: number }>();
  private readonly kept: Lru<string, V>;
  private closed = false;
  /** How often all was forgotten: what was asked for before that is not kept. */
  private age = 0;
  onready: (key: string) => void = () => {};
  onerror: (error: unknown) => void = () => {};

  constructor(size: number, private readonly limit = 4, private readonly now = () => Date.now(),
    private readonly retryMs = RETRY_MS) {
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
    const missing = list.filter(({ key }) => !this.kept.has(key) && !this.flying.has(key));
    const due = ({ key }: Wanted<V>): number => this.failed.get(key)?.due ?? 0;
    this.waiting = missing.filter((one) => due(one) <= now);
    this.later = missing.filter((one) => due(one) > now);
    clearTimeout(this.timer);
    if (this.later.length && !this.closed) {
      this.timer = setTimeout(() => this.want([...this.waiting, ...this.later]), Math.min(...this.later.map(due)) - now);
    }
    this.start();
  }

  /** Forget what was kept, as when the data behind it has changed. */
  clear(): void {
    this.age += 1;
    this.kept.clear();
    this.failed.clear();
  }

  close(): void {
    this.closed = true;
    this.waiting = this.later = [];
    clearTimeout(this.timer);
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
    const { age } = this;
    try {
      const value = await one.load();
      if (age === this.age) this.keep(one.key, value);
    } catch (error) {
      if (age === this.age) this.fail(one.key, error);
    }
    this.flying.delete(one.key);
    if (this.closed) return;
    this.start();
    this.onready(one.key);
  }

  private keep(key: string, value: V): void {
    this.failed.delete(key);
    this.kept.set(key, value);
  }

  private fail(key: string, error: unknown): void {
    const times = (this.failed.get(key)?.times ?? 0) + 1;
    this.failed.set(key, { times, due: this.now() + Math.min(this.retryMs * 2 ** (times - 1), LONGEST_MS) });
    if (times === 1) this.onerror(error);
  }
}
