/** Short notes in a corner of the page; one layer is shared by all our widgets on it. */
import { button, relabel } from "./controls";
import { calm, fill, h } from "./dom";
import type { Translate } from "./i18n";
import { icon, type IconName } from "./icons";
import { type Job, finished } from "./types";

export type ToastKind = "info" | "good" | "warning" | "error";

export interface Toast {
  readonly text: string;
  readonly kind?: ToastKind;
  readonly ms?: number;
  readonly action?: { readonly label: string; run(): void };
}

const ICONS: Record<ToastKind, IconName> = {
  info: "info", good: "check", warning: "warning", error: "warning",
};
const LAYER = "ol-toasts";
const MOST = 4;

/** The layer of this page; it moves into an open dialog, where it can still be clicked. */
function layer(): HTMLElement {
  const home = document.querySelector<HTMLElement>("dialog.ol-dialog[open]:last-of-type")
    ?? document.body;
  let node = document.querySelector<HTMLElement>(`.${LAYER}`);
  if (!node) node = h("div", { class: `ol ${LAYER}`, popover: "manual" });
  if (node.parentElement !== home) home.append(node);
  if (!node.matches(":popover-open")) node.showPopover?.();
  return node;
}

/** Keep the layer clickable when a dialog opens or closes. */
export function settleToasts(): void {
  if (document.querySelector(`.${LAYER}`)?.childElementCount) layer();
}

function leave(node: HTMLElement): void {
  const gone = (): void => {
    const parent = node.parentElement;
    node.remove();
    if (parent && !parent.childElementCount) parent.remove();
  };
  if (calm()) return gone();
  node.classList.add("ol-leaving");
  setTimeout(gone, 180);
}

/** What a job over many things counts, and the first thing that went wrong in it. */
interface Counts {
  readonly failed?: number;
  readonly error?: string;
  readonly [other: string]: unknown;
}

const failures = (job: Job): number => (job.result as Counts | null)?.failed ?? 0;

function failed(job: Job, t: Translate): string {
  const { failed: n = 0, error = "", ...others } = job.result as Counts;
  const total = ["analysed", "added", "known"].reduce((sum, name) => sum + (Number(others[name]) || 0), n);
  return job.kind === "analysis" ? t("{n} of {total} could not be analysed: {error}", { n, total, error })
    : t("{n} of {total} files could not be added: {error}", { n, total, error });
}

export class Toaster {
  private readonly jobs = new Set<string>();

  constructor(private readonly t: Translate) {}

  show(toast: Toast): () => void {
    const kind = toast.kind ?? "info";
    const same = [...document.querySelectorAll<HTMLElement>(`.${LAYER} > [data-text]`)]
      .find((n) => n.dataset["text"] === toast.text && !toast.action);
    if (same) leave(same);
    const node = h("div", {
      class: `ol-toast ol-${kind}`, role: kind === "error" ? "alert" : "status",
      "data-text": toast.text,
    }, icon(ICONS[kind], 18), h("span", { class: "ol-toast-text" }, toast.text));
    const close = (): void => leave(node);
    if (toast.action) {
      const { label, run } = toast.action;
      node.append(button({ label, look: "quiet", onclick: () => { close(); run(); } }));
    }
    node.append(button({ icon: "close", label: this.t("Dismiss"), bare: true, look: "quiet",
      onclick: close }));
    const all = layer();
    all.append(node);
    const notes = [...all.querySelectorAll<HTMLElement>(":scope > [data-text]:not(.ol-leaving)")];
    for (const old of notes.slice(0, -MOST)) leave(old);
    const life = toast.ms ?? (kind === "error" ? 12_000 : toast.action ? 10_000 : 4_500);
    let timer = setTimeout(close, life);
    node.addEventListener("pointerenter", () => clearTimeout(timer));
    node.addEventListener("pointerleave", () => { timer = setTimeout(close, 2_500); });
    return close;
  }

  error(error: unknown): void {
    this.show({ kind: "error", text: error instanceof Error ? error.message : String(error) });
  }

  /** How a job ended is told elsewhere. */
  told(id: string): void {
    this.jobs.delete(id);
  }

  /** Show a job's progress while it runs; how it ended once. */
  job(job: Job, cancel: () => void): void {
    let node = document.querySelector<HTMLElement>(`.${LAYER} > [data-job="${job.id}"]`);
    if (finished(job)) {
      if (node) leave(node);
      if (!this.jobs.delete(job.id)) return;
      const t = this.t;
      if (job.state === "failed") this.show({ kind: "error", text: `${job.title}: ${job.error}` });
      else if (job.state === "cancelled") this.show({ text: t("Cancelled: {title}", { title: job.title }) });
      else if (failures(job)) this.show({ kind: "warning", text: `${job.title}: ${failed(job, t)}` });
      else this.show({ kind: "good", text: t("Done: {title}", { title: job.title }) });
      return;
    }
    this.jobs.add(job.id);
    if (!node) {
      const stop = button({ icon: "close", label: this.t("Cancel"), look: "quiet",
        onclick: () => { stop.disabled = true; cancel(); } });
      relabel(stop, "close", this.t("Cancel"));
      node = h("div", { class: "ol-toast ol-job", role: "status", "data-job": job.id },
        h("div", { class: "ol-toast-text" }), stop);
      layer().append(node);
    }
    const share = job.total ? Math.min(1, job.done / job.total) : null;
    fill(node.firstElementChild as HTMLElement,
      h("div", { class: "ol-job-title" }, job.title,
        h("span", { class: "ol-job-count" },
          share === null ? job.message : `${Math.floor(share * 100)} %`)),
      h("progress", share === null ? { "aria-label": job.title }
        : { "aria-label": job.title, value: share }));
  }
}
