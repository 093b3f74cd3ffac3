/** Letting the machine look for events: which detector, which preset, which parameters. */
import { busy, button, field, select, setOptions } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import { fill, h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import { type Job, finished } from "../lib/types";
import type { Session } from "./session";
import type { AnalysisRow, Box, Detector } from "./types";
import type { Viewer } from "./viewer";

/** A parameter's text as its default's kind; undefined leaves the default. A comma is decimal but in a list. */
export function parameter(text: string, given: unknown, list = false): unknown {
  const typed = text.trim();
  if (typed === "") return given === null || given === undefined ? undefined : given;
  if (list || Array.isArray(given)) {
    const numbers = typed.split(/[,;\s–]+/).filter(Boolean).map(Number);
    if (numbers.length > 1 && numbers.every(Number.isFinite)) return numbers;
  }
  if (typeof given === "string") return typed;
  const number = Number(typed.replace(/^(-?\d+),(\d+)$/, "$1.$2"));
  return Number.isFinite(number) ? number : typeof given === "number" ? given : typed;
}

/** What a parameter is called: words of its name, its unit behind a comma. */
function parameterName(name: string, t: Translate): string {
  const known: Record<string, string> = {
    threshold: t("Threshold"), band: t("Band, Hz"), method: t("Method"),
    release: t("Ends at this part of it"), min_duration_s: t("Shortest, s"),
    max_duration_s: t("Longest, s"), merge_gap_s: t("Merge gaps up to, s"),
    low_hz: t("Lowest, Hz"), high_hz: t("Highest, Hz"), threshold_db: t("Threshold, dB"),
  };
  return known[name] ?? name.replaceAll("_", " ");
}

const asText = (value: unknown): string => Array.isArray(value) ? value.join(", ")
  : value === null || value === undefined ? "" : String(value);

interface Field {
  readonly name: string;
  readonly node: HTMLElement | null;
  value(): unknown;
}

/** Puts a part beside the picture; the function it gives takes it away. */
type Working = (part: HTMLElement) => () => void;

const LIKE = "template";

/** How the detector of events works; with an example, also what is like it. */
function methodField(t: Translate, example: boolean): Field {
  const node = select(t("Method"), [
    { value: "", label: t("automatic") }, { value: "bands", label: t("What stands out in any band") },
    { value: "energy", label: t("Energy of the whole band") }, { value: "onset", label: t("Sudden rises") },
    { value: "pcen", label: t("What changes (PCEN)") },
    ...(example ? [{ value: LIKE, label: t("What is like the selected box") }] : []),
  ], "", () => {});
  node.setAttribute("name", "method");
  const wide = field(t("Method"), node);
  wide.classList.add("ol-whole");
  return { name: "method", value: () => node.value || undefined, node: wide };
}

/** The fields for the parameters of a detector; `example` is what it may look for. */
function fieldsOf(detector: Detector, example: Box | null, t: Translate): Field[] {
  const fields: Field[] = [];
  const found = (name: string): unknown => fields.find((one) => one.name === name)?.value();
  for (const [name, given] of Object.entries(detector.params)) {
    if (name === "preset") continue;
    if (name === "method" && LIKE in detector.params) fields.push(methodField(t, example !== null));
    else if (name === LIKE) {
      fields.push({ name, node: null, value: () => (example && found("method") === LIKE
        ? [example.start, example.end, ...(example.low_hz === null || example.high_hz === null
          ? [] : [example.low_hz, example.high_hz])] : undefined) });
    } else fields.push(inputOf(name, given, t));
  }
  return fields;
}

function inputOf(name: string, given: unknown, t: Translate): Field {
  if (typeof given === "boolean") {
    const box = h("input", { type: "checkbox", class: "ol-switch", role: "switch", checked: given, name });
    return { name, value: () => box.checked,
      node: h("label", { class: "ol-toggle" }, box, h("span", {}, parameterName(name, t))) };
  }
  const input = h("input", { class: "ol-input", name, value: asText(given), autocomplete: "off",
    placeholder: given === null ? t("automatic") : "", ...(typeof given === "number" ? { type: "number", step: "any" } : {}) });
  return { name, value: () => parameter(input.value, given, name === "band"), node: field(parameterName(name, t), input) };
}

/** Ask, run, and show what was found; `show` is given the analysis. */
export async function openDetect(viewer: Viewer, session: Session,
  show: (analysis: string | undefined) => Promise<void>, working: Working): Promise<void> {
  const { t, context, channel, root } = viewer;
  const answer = await context.attempt(() => channel.call<Detector[]>("detectors"));
  const detectors = answer?.data ?? [];
  if (!answer) return;
  const dialog = openDialog({ title: t("Detect events"), t, home: root });
  if (!detectors.length) {
    dialog.body.append(h("p", {}, t("No detector is there. Add one with octolab.register_analyzer(…).")));
    return;
  }
  let fields: Field[] = [];
  let detector = detectors.find((one) => one.analyzer === context.memory.get("detector"))
    ?? detectors.find((one) => one.presets.length > 0)
    ?? detectors.find((one) => "threshold" in one.params) ?? detectors[0]!;
  const about = h("p", { class: "ol-hint" });
  const params = h("div", { class: "ol-form-row ol-params" });
  const presets = select(t("Preset"), [], "", () => arrange());
  const presetField = field(t("Preset"), presets);
  const choice = select(t("Detector"), detectors.map((one) => ({ value: one.analyzer, label: one.title })),
    detector.analyzer, (value) => {
      detector = detectors.find((one) => one.analyzer === value)!;
      context.memory.set("detector", value);
      presets.value = "";
      arrange();
    });
  const { region } = session;
  const example = region ?? session.boxOf(session.selected);

  function arrange(): void {
    const preset = presets.value;
    setOptions(presets, [{ value: "", label: t("None") },
      ...detector.presets.map((one) => ({ value: one.name, label: one.title }))], preset);
    presetField.hidden = !detector.presets.length;
    const chosen = detector.presets.find((one) => one.name === presets.value);
    about.textContent = chosen?.description ?? "";
    about.hidden = !chosen?.description;
    fields = fieldsOf(detector, example, t);
    fill(params, fields.map(({ node }) => node));
    const band = params.querySelector<HTMLInputElement>('[name="band"]');
    if (band && region?.low_hz != null && region.high_hz != null) {
      band.value = `${Math.round(region.low_hz)}, ${Math.round(region.high_hz)}`;
    }
  }

  const run = button({ icon: "analyse", label: t("Detect"), look: "main", props: { "data-do": "run" } });
  run.addEventListener("click", () => void busy(run, () => context.attempt(async () => {
    const asked: Record<string, unknown> = presets.value ? { preset: presets.value } : {};
    for (const one of fields) {
      const value = one.value();
      // What a preset sets is left to it unless a person has changed it.
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(detector.params[one.name])) asked[one.name] = value;
    }
    const { data } = await channel.call<{ analysis?: string; job?: string }>("detect",
      { id: session.info.id, analyzer: detector.analyzer, params: asked });
    dialog.close();
    if (data.job) follow(viewer, data.job, show, working);
    else await refreshed(viewer, session, show, data.analysis);
  })));
  dialog.body.append(h("div", { class: "ol-form" }, field(t("Detector"), choice), presetField, about, params));
  dialog.foot.append(button({ label: t("Cancel"), onclick: () => dialog.close() }), run);
  arrange();
}

/** The list of analyses has grown. */
async function refreshed(viewer: Viewer, session: Session, show: (analysis: string | undefined) => Promise<void>,
  analysis: string | undefined): Promise<void> {
  const { data } = await viewer.channel.call<{ analyses: AnalysisRow[] }>("open", { id: session.info.id });
  session.analyses = data.analyses;
  await show(analysis);
  const found = session.analyses.find((one) => one.id === analysis)?.count ?? 0;
  const { t, context } = viewer;
  context.toaster.show({ kind: found ? "good" : "info", text: t.n(found, "{n} event found", "{n} events found") });
}

/** Show a job's progress beside the picture until it ends, then what it found. */
function follow(viewer: Viewer, id: string, show: (analysis: string) => Promise<void>, working: Working): void {
  const { t, context } = viewer;
  const meter = h("progress", { "aria-label": t("Detecting…") });
  const stop = button({ icon: "close", label: t("Cancel"), look: "quiet",
    onclick: () => { stop.disabled = true; void context.attempt(() => context.jobs.cancel(id)); } });
  const away = working(h("div", { class: "ol-row" }, h("span", { class: "ol-grow" }, t("Detecting…"), meter), stop));
  const guard = (event: BeforeUnloadEvent): void => event.preventDefault(); // it ends with the kernel of the page
  addEventListener("beforeunload", guard);
  const unguard = (): void => removeEventListener("beforeunload", guard);
  viewer.cleanup.add(unguard);
  context.jobs.followed.add(id);
  const unwatch = context.jobs.watch(id, (job: Job) => {
    if (job.total) {
      meter.max = 1;
      meter.value = job.done / job.total;
    }
    if (!finished(job)) return;
    unwatch();
    unguard();
    away();
    if (job.state === "done") void show((job.result as { analysis: string }).analysis);
    if (job.state === "failed") context.toaster.show({ kind: "error", text: job.error });
  });
}
