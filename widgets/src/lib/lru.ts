/** A map that keeps the most recently used entries and tells what it drops. */
export class Lru<K, V> {
  private readonly map = new Map<K, V>();

  constructor(
    private readonly limit: number,
    private readonly onDrop: (value: V, key: K) => void = () => {},
  ) {}

  get size(): number {
    return this.map.size;
  }

  has(key: K): boolean {
    return this.map.has(key);
  }

  get(key: K): V | undefined {
    const value = this.map.get(key);
    if (value !== undefined) {
      this.map.delete(key);
      this.map.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.drop(key);
    this.map.set(key, value);
    while (this.map.size > this.limit) this.drop(this.map.keys().next().value as K);
  }

  drop(key: K): void {
    const value = this.map.get(key);
    if (value === undefined) return;
    this.map.delete(key);
    this.onDrop(value, key);
  }

  clear(): void {
    for (const key of [...this.map.keys()]) this.drop(key);
  }
}
