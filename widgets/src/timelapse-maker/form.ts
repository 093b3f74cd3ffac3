/** The form of a timelapse; the gallery's dialog and the maker itself show it. */
import { busy, button, field, segmented, select } from "../lib/controls";
import { debounce, fill, h } from "../lib/dom";
import { count, playtime, filmSeconds, fitWidth, moment } from "../lib/format";
import { type Job, finished } from "../lib/types";
import type { Context } from "../lib/widget";

export interface Source {
  readonly selection?: boolean;
  readonly gallery?: string;
  readonly camera?: string;
}

interface Measured {
  readonly count: number;
  readonly width?: number;
  readonly height?: number;
  readonly first?: string;
  readonly last?: string;
}

export interface FilmForm {
  readonly element: HTMLElement;
  readonly make: HTMLButtonElement;
  setSource(source: Source, title: string): void;
  dispose(): void;
}

const WIDTHS = [640, 1280, 1920] as const;

/** `done` is told the id of the finished clip. */
export function filmForm(context: Context, done: (clip: number) => void): FilmForm {
  const { t, memory } = context;
  const films = context.channel("films");
  let source: Source = {};
  let measured: Measured = { count: 0 };
  let stopWatching: () => void = () => {};

  const fps = h("input", { class: "ol-input", type: "number", min: 0.1, max: 120, step: "any",
    name: "fps", value: String(memory.get("fps") ?? 24), required: true });
  const slider = h("input", { type: "range", min: 1, max: 60, step: 1, value: fps.value,
    "aria-label": t("Frames a second"), class: "ol-grow" });
  const every = h("input", { class: "ol-input", type: "number", min: 1, step: 1, value: "1",
    name: "every" });
  const size = select(t("Size"), [], "", () => tell());
  const name = h("input", { class: "ol-input", name: "name", autocomplete: "off", maxlength: 120 });
  let transition = String(memory.get("transition") ?? "");
  const transitions = segmented(t("Transition"),
    [{ value: "", label: t("None") }, { value: "fade", label: t("Fade") },
      { value: "zoom", label: t("Fade and zoom") }], transition,
    (value) => { transition = value; memory.set("transition", value); });
  const summary = h("p", { class: "ol-film-sum", role: "status" });
  const progress = h("div", { class: "ol-film-progress", hidden: true });
  const make = button({ icon: "film", label: t("Make timelapse"), look: "main",
    props: { "data-do": "make" } });

  fps.addEventListener("input", () => { slider.value = fps.value; memory.set("fps", fps.value); tell(); });
  slider.addEventListener("input", () => { fps.value = slider.value; memory.set("fps", fps.value); tell(); });
  every.addEventListener("input", () => tell());

  const element = h("form", { class: "ol-form ol-film-form" },
    summary,
    field(t("Frames a second"), h("div", { class: "ol-row ol-film-fps" }, fps, slider)),
    h("div", { class: "ol-form-row" },
      field(t("Size"), size),
      field(t("Use every n-th frame"), every)),
    h("div", { class: "ol-field" }, h("span", { class: "ol-field-name" }, t("Transition")), transitions),
    field(t("Name"), name), progress,
    h("button", { hidden: true, type: "submit" }));
  element.addEventListener("submit", (event) => { event.preventDefault(); make.click(); });

  const used = (): number => Math.ceil(measured.count / Math.max(1, Math.floor(Number(every.value) || 1)));

  function tell(): void {
    const n = used();
    const seconds = filmSeconds(n, Number(fps.value));
    make.disabled = n < 2;
    if (measured.count < 2) {
      summary.textContent = measured.count === 1
        ? t("One frame is not enough for a film") : t("There are no frames here yet");
      return;
    }
    const span = measured.first && measured.last
      ? `${moment(measured.first, t.locale)} – ${moment(measured.last, t.locale)}` : "";
    fill(summary, h("strong", {}, t("{frames} → {time} of film", {
      frames: t.n(n, "{n} frame", "{n} frames", { n: count(n, t.locale) }),
      time: playtime(seconds, t.locale) })),
      span && h("span", { class: "ol-muted" }, span));
  }

  const measure = debounce(50, () => void context.attempt(async () => {
    const asked = source;
    const { data } = await films.call<Measured>("measure", { source });
    if (asked !== source) return;
    measured = data;
    const { width = 0, height = 0 } = data;
    const options = [{ value: "", label: width ? t("As captured ({size})", { size: `${width} × ${height}` }) : t("As captured") }];
    for (const target of WIDTHS) {
      if (!width || target >= width) continue;
      const [w, tall] = fitWidth(width, height, target);
      options.push({ value: `${w}x${tall}`, label: `${w} × ${tall}` });
    }
    const chosen = size.value;
    fill(size, options.map((one) => h("option", { value: one.value }, one.label)));
    size.value = options.some((one) => one.value === chosen) ? chosen : "";
    tell();
  }));

  function follow(job: Job, settle: (job: Job) => void): void {
    progress.hidden = false;
    const stop = button({ icon: "close", label: t("Cancel"), onclick: () => {
      stop.disabled = true;
      void context.attempt(() => context.jobs.cancel(job.id));
    } });
    stop.disabled = finished(job);
    fill(progress,
      h("progress", job.total ? { value: Math.min(1, job.done / job.total), "aria-label": job.title }
        : { "aria-label": job.title }),
      h("div", { class: "ol-row" }, h("span", { class: "ol-grow ol-muted ol-number", role: "status" },
        job.total ? `${job.done} / ${job.total}` : t("Starting…")), stop));
    if (!finished(job)) return;
    progress.hidden = true;
    context.toaster.told(job.id);
    settle(job);
  }

  make.addEventListener("click", () => {
    if (!element.reportValidity()) return;
    void busy(make, () => context.attempt(async () => {
      const [w, tall] = size.value.split("x").map(Number);
      const { data } = await films.call<{ job: string }>("make", {
        source, fps: Number(fps.value), every: Math.floor(Number(every.value) || 1),
        size: w && tall ? [w, tall] : null, transition: transition || null, name: name.value || null,
      });
      const job = await new Promise<Job>((resolve) => {
        stopWatching();
        stopWatching = context.jobs.watch(data.job, (now) => follow(now, resolve));
      });
      stopWatching();
      if (job.state === "failed") throw new Error(job.error);
      if (job.state === "done") done((job.result as { id: number }).id);
    }));
  });

  return {
    element, make,
    setSource: (wanted, title) => {
      source = wanted;
      name.placeholder = title;
      measure();
    },
    dispose: () => { measure.cancel(); stopWatching(); },
  };
}
