/**
 * Calls from a view to a panel in the kernel, and what the panel tells of its own accord.
 *
 * To the kernel:   { panel, action, id, args } + buffers
 * From the kernel: { re: id, ok: true, data } + buffers, or { re: id, ok: false, error },
 *                  or { panel, event, data } + buffers
 */

import { language, translator } from "./i18n";

export interface Reply<T> {
  readonly data: T;
  readonly buffers: readonly DataView[];
}

export type Listener = (data: never, buffers: readonly DataView[]) => void;

export interface Channel {
  call<T = unknown>(
    action: string,
    args?: Readonly<Record<string, unknown>>,
    buffers?: readonly ArrayBuffer[],
  ): Promise<Reply<T>>;
  on(event: string, listener: Listener): () => void;
}

/** The part of an anywidget model that we use. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: (...args: never[]) => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: readonly ArrayBuffer[]): void;
}

/** What the kernel said went wrong; its message is already in the view's language. */
export class CallError extends Error {
  constructor(message: string, readonly code: string) {
    super(message);
  }
}

/** The view has gone; nobody waits for the answer. */
export class Gone extends Error {}

interface Waiting {
  readonly since: number;
  resolve(reply: Reply<never>): void;
  reject(error: Error): void;
}

interface Incoming {
  re?: string;
  ok?: boolean;
  panel?: string;
  event?: string;
  data?: unknown;
  error?: { code: string; message: string };
}

/** All channels of one view of one model. */
export class Wire {
  private readonly view = Math.random().toString(36).slice(2, 10);
  private readonly waiting = new Map<string, Waiting>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private calls = 0;
  private heard = 0;
  /** Whether the last message could not even be sent: there is no kernel any more. */
  stopped = false;
  private readonly receive = (message: Incoming, buffers: readonly DataView[] = []): void => {
    this.heard = Date.now();
    this.stopped = false;
    if (message.re !== undefined) this.answer(message, buffers);
    else this.tell(`${message.panel}:${message.event}`, message.data, buffers);
  };

  constructor(private readonly model: Model) {
    model.on("msg:custom", this.receive as never);
  }

  panel(name: string): Channel {
    return {
      call: (action, args = {}, buffers = []) =>
        new Promise((resolve, reject) => {
          const id = `${this.view}-${(this.calls += 1)}`;
          this.waiting.set(id, { since: Date.now(), resolve: resolve as never, reject });
          try {
            this.model.send({ panel: name, action, id, args }, undefined, buffers);
          } catch {
            this.waiting.delete(id);
            this.stopped = true;
            const t = translator(language(this.model.get("language")));
            reject(new CallError(t("The kernel has stopped"), "stopped"));
          }
        }),
      on: (event, listener) => {
        const key = `${name}:${event}`;
        const set = this.listeners.get(key) ?? new Set();
        this.listeners.set(key, set.add(listener));
        return () => set.delete(listener);
      },
    };
  }

  /** How long nothing has been heard while a call waits, in milliseconds. */
  silence(): number {
    const first = this.waiting.values().next().value;
    return first ? Date.now() - Math.max(first.since, this.heard) : 0;
  }

  close(): void {
    this.model.off("msg:custom", this.receive as never);
    for (const one of this.waiting.values()) one.reject(new Gone());
    this.waiting.clear();
    this.listeners.clear();
  }

  private answer(message: Incoming, buffers: readonly DataView[]): void {
    const one = this.waiting.get(message.re!);
    if (!one) return; // another view of the same model asked
    this.waiting.delete(message.re!);
    if (message.ok) one.resolve({ data: message.data as never, buffers });
    else one.reject(new CallError(message.error!.message, message.error!.code));
  }

  private tell(key: string, data: unknown, buffers: readonly DataView[]): void {
    for (const listener of [...(this.listeners.get(key) ?? [])]) listener(data as never, buffers);
  }
}

/** A blob of the bytes in a buffer that came with a message. */
export const blob = (buffer: DataView, type: string): Blob =>
  new Blob([new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength)],
    { type });
