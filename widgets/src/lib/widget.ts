/** From a `mount` function to an anywidget: language, heartbeats, toasts, jobs. */
import { type Channel, Gone, type Model, Wire } from "./channel";
import { button } from "./controls";
import { Cleanup, fill, h } from "./dom";
import { type Language, language, type Translate, translator } from "./i18n";
import { chosenLanguage, onLanguage } from "./page";
import { Toaster } from "./toasts";
import { type Job, finished } from "./types";

/** What a panel's view is given. */
export interface Context {
  readonly model: Model;
  readonly t: Translate;
  readonly toaster: Toaster;
  readonly jobs: Jobs;
  /** Small things worth keeping when the view is drawn anew (another language). */
  readonly memory: Map<string, unknown>;
  /** What ends only with the view itself, not when it is drawn anew. */
  readonly lasting: Cleanup;
  channel(panel: string): Channel;
  /** Go to another tab of the workbench, if there is one. */
  go?(tab: string, detail?: unknown): void;
  /** Run something; what goes wrong becomes a toast. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export type Mount = (host: HTMLElement, context: Context) => () => void;

/** Follows the jobs of the lab. */
export class Jobs {
  private readonly watchers = new Map<string, Set<(job: Job) => void>>();
  /** Jobs whose progress a view shows by itself. */
  readonly followed = new Set<string>();

  constructor(private readonly channel: Channel) {}

  watch(id: string, listener: (job: Job) => void): () => void {
    const set = this.watchers.get(id) ?? new Set();
    this.watchers.set(id, set.add(listener));
    void this.channel.call<{ job: Job | null }>("job", { id }).then(
      ({ data }) => { if (data.job && set.has(listener)) listener(data.job); }, () => {});
    return () => set.delete(listener);
  }

  update(job: Job): void {
    for (const listener of [...(this.watchers.get(job.id) ?? [])]) listener(job);
    if (finished(job)) this.watchers.delete(job.id);
  }

  async cancel(id: string): Promise<void> {
    await this.channel.call("cancel", { id });
  }
}

const HEARTBEAT_MS = 15_000;
/** A call may take long while all is well: after so much silence the kernel is asked anew. */
const ASK_MS = 3_000;
const BUSY_MS = 4_000;
/** A kernel that is silent for so long is likely to stay so. */
const LOST_MS = 15_000;

function draw(mount: Mount, name: string, model: Model, host: HTMLElement,
  memory: Map<string, unknown>, lasting: Cleanup): () => void {
  const cleanup = new Cleanup();
  const lang = language(model.get("language"));
  const t = translator(lang);
  const wire = new Wire(model);
  cleanup.add(() => wire.close());
  const desk = wire.panel("desk");
  const jobs = new Jobs(desk);
  const toaster = new Toaster(t);
  const context: Context = {
    model, t, toaster, jobs, memory, lasting,
    channel: (panel) => wire.panel(panel),
    attempt: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Gone)) toaster.error(error);
        return undefined;
      }
    },
  };
  const root = h("div", {
    class: `ol ol-root ol-in-${name}`, lang, "data-lm-suppress-shortcuts": "true",
    "data-octolab": name,
  });
  // JupyterLab's notebook shortcuts (d d, Enter, arrows) must not see keys meant for us.
  root.addEventListener("keydown", (event) => event.stopPropagation());
  host.append(root);
  cleanup.add(() => root.remove());

  cleanup.add(desk.on("job", (job: Job) => {
    jobs.update(job);
    // Making tiles is shown where they are; so is what a view follows itself.
    if (job.kind !== "tiles" && !jobs.followed.has(job.id)) toaster.job(job, () => void context.attempt(() => jobs.cancel(job.id)));
  }));
  cleanup.add(desk.on("toast", (toast: { text: string; kind: "info" | "error" }) => {
    toaster.show(toast);
  }));
  cleanup.add(desk.on("missed", ({ count }: { count: number }) => {
    const { go } = context;
    toaster.show({ kind: "warning",
      text: t.n(count, "{n} warning while you were away", "{n} warnings while you were away"),
      ...(go ? { action: { label: t("Log"), run: () => go("log") } } : {}) });
  }));
  let beaten = 0;
  const beat = (): void => {
    beaten = Date.now();
    void desk.call("alive").catch(() => {});
  };
  cleanup.every(HEARTBEAT_MS, beat);
  cleanup.listen(document, "visibilitychange", () => { if (!document.hidden) beat(); });
  beat();

  const waiting = h("div", { class: "ol-waiting", role: "status" });
  root.append(waiting);
  cleanup.every(1_000, () => {
    const silence = wire.silence();
    if (silence > ASK_MS && Date.now() - beaten > ASK_MS) beat();
    tellSilence(waiting, silence, wire.stopped, t);
  });
  cleanup.add(mount(root, context));
  return () => cleanup.run();
}

/** Say over the view that the kernel does not answer and, once it is likely gone, what to do. */
function tellSilence(place: HTMLElement, silence: number, stopped: boolean, t: Translate): void {
  const known = stopped ? "stopped" : silence < BUSY_MS ? "" : silence < LOST_MS ? "busy" : "lost";
  if (place.dataset["kernel"] === known) return;
  place.dataset["kernel"] = known;
  if (!known) return fill(place);
  const text = stopped ? t("The kernel has stopped")
    : t("Waiting for the kernel: it is busy or has stopped");
  fill(place, h("div", { class: "ol-waiting-note" }, h("span", {}, text),
    known !== "busy" && (document.body.dataset["voila"]
      ? button({ icon: "refresh", label: t("Reload the page"), onclick: () => location.reload() })
      : h("span", {}, t("Run the cell again to go on")))));
}

/** The anywidget module for a `mount` function. */
export function widget(name: string, mount: Mount) {
  return {
    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      const memory = new Map<string, unknown>();
      const lasting = new Cleanup();
      let dispose: () => void = () => {};
      const redraw = (): void => {
        dispose();
        dispose = draw(mount, name, model, el, memory, lasting);
      };
      const speak = (chosen: Language): void => {
        if (model.get("language") === chosen) return;
        model.set("language", chosen);
        model.save_changes();
      };
      // A language chosen in the page outlives the kernel, unless the notebook asked for one.
      const chosen = model.get("language_given") ? null : chosenLanguage();
      if (chosen) speak(chosen);
      lasting.add(onLanguage(speak));
      model.on("change:language", redraw);
      redraw();
      return () => {
        model.off("change:language", redraw);
        dispose();
        lasting.run();
      };
    },
  };
}
