/** Doing, undoing and doing again. Pure. */

/** A change that knows its opposite. */
export interface Step<T> {
  readonly forth: T;
  readonly back: T;
}

export class History<T> {
  private readonly done: Step<T>[] = [];
  private undone: Step<T>[] = [];

  constructor(private readonly limit = 200) {}

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  push(step: Step<T>): void {
    this.done.push(step);
    if (this.done.length > this.limit) this.done.shift();
    this.undone = [];
  }

  /** What to do to undo the last step. */
  undo(): T | undefined {
    const step = this.done.pop();
    if (step) this.undone.push(step);
    return step?.back;
  }

  redo(): T | undefined {
    const step = this.undone.pop();
    if (step) this.done.push(step);
    return step?.forth;
  }

  clear(): void {
    this.done.length = 0;
    this.undone = [];
  }
}
