/** An analysis as people read it: confidence bars, numbers, events. */
import { bar } from "./controls";
import { h } from "./dom";
import { duration, fixed, measure, percent } from "./format";
import type { Translate } from "./i18n";
import type { Analysis } from "./types";

const METRICS: Readonly<Record<string, (t: Translate) => string>> = {
  aci: (t) => t("acoustic complexity (ACI)"),
  adi: (t) => t("acoustic diversity (ADI)"),
  aei: (t) => t("acoustic evenness (AEI)"),
  bi: (t) => t("bioacoustic index (BI)"),
  brightness: (t) => t("brightness"),
  busiest_hour: (t) => t("busiest hour"),
  channels: (t) => t("channels"),
  contours: (t) => t("contours"),
  contrast: (t) => t("contrast"),
  duration: (t) => t("duration"),
  early_swarm: (t) => t("early swarming sign"),
  edge_density: (t) => t("edge density"),
  events: (t) => t("events"),
  events_per_minute: (t) => t("events per minute"),
  found: (t) => t("found"),
  hf: (t) => t("spectral entropy (Hf)"),
  ht: (t) => t("temporal entropy (Ht)"),
  hum_frequency: (t) => t("frequency of the hum"),
  hum_level: (t) => t("level of the hum"),
  ndsi: (t) => t("soundscape index (NDSI)"),
  other: (t) => t("other sounds"),
  overexposed: (t) => t("overexposed"),
  peak: (t) => t("peak"),
  piping_per_hour: (t) => t("piping per hour"),
  quacks: (t) => t("quacks of queens"),
  rms: (t) => t("rms"),
  sample_rate: (t) => t("sample rate"),
  song: (t) => t("song"),
  song_share: (t) => t("share of song"),
  sounding: (t) => t("time with sound"),
  swarm_shift: (t) => t("shift of the hum before swarming"),
  toots: (t) => t("toots of queens"),
  upcalls: (t) => t("upcalls"),
  upcalls_per_hour: (t) => t("upcalls per hour"),
  windows: (t) => t("windows"),
};

const UNITS: Readonly<Record<string, (t: Translate) => string>> = {
  cm: (t) => t("cm"),
  dB: (t) => t("dB"),
  dBFS: (t) => t("dBFS"),
  h: (t) => t("h"),
  Hz: (t) => t("Hz"),
  kHz: (t) => t("kHz"),
  m: (t) => t("m"),
  min: (t) => t("min"),
  mm: (t) => t("mm"),
  ms: (t) => t("ms"),
  px: (t) => t("px"),
  s: (t) => t("s"),
};

/** A unit as people write it, also one made of several, such as px/s or cm². */
export const unitName = (unit: string, t: Translate): string =>
  unit.replace(/[A-Za-z]+/g, (word) => (Object.hasOwn(UNITS, word) ? UNITS[word]!(t) : word));

/** What people call a metric; those of other people's analyzers keep their names. */
export const metricName = (name: string, t: Translate): string =>
  Object.hasOwn(METRICS, name) ? METRICS[name]!(t) : name.replaceAll("_", " ");

/** The gist of an analysis in one line, for a live picture. */
export function oneLine(analysis: Analysis, t: Translate): string {
  const labels = analysis.labels.slice(0, 3).map((one) => `${one.name} ${percent(one.score)}`);
  const metrics = Object.entries(analysis.metrics).slice(0, 3).map(([name, metric]) =>
    `${metricName(name, t)} ${measure(metric.value, t.locale)} ${unitName(metric.unit, t)}`.trim());
  return [...labels, ...metrics].join(" · ");
}

export function findings(analysis: Analysis, t: Translate, most = 8): HTMLElement {
  const metrics = Object.entries(analysis.metrics);
  const nothing = !analysis.labels.length && !metrics.length && !analysis.events.length
    && !analysis.regions;
  return h("div", { class: "ol-findings" },
    analysis.labels.length > 0 && h("ul", { class: "ol-labels", "aria-label": t("Labels") },
      analysis.labels.slice(0, most).map((label) => h("li", {},
        h("span", { class: "ol-ellipsis", title: label.name }, label.name),
        bar(label.score, `${label.name}: ${t("confidence")}`),
        h("span", { class: "ol-number" }, percent(label.score))))),
    metrics.length > 0 && h("dl", { class: "ol-metrics" },
      metrics.slice(0, 24).map(([name, metric]) => h("div", {},
        h("dt", {}, metricName(name, t)),
        h("dd", { class: "ol-number" }, measure(metric.value, t.locale),
          metric.error !== null && ` ± ${measure(metric.error, t.locale)}`,
          metric.unit && h("span", { class: "ol-unit" }, ` ${unitName(metric.unit, t)}`))))),
    analysis.regions > 0 && h("p", { class: "ol-muted" },
      t.n(analysis.regions, "{n} region", "{n} regions")),
    analysis.events.length > 0 && h("ul", { class: "ol-events", "aria-label": t("Events") },
      analysis.events.slice(0, 50).map((event) => h("li", { class: "ol-number" },
        h("span", {}, `${duration(event.start)}.${Math.floor((event.start % 1) * 10)}`),
        h("span", {}, `${fixed(event.end - event.start, 2, t.locale)} ${t("s")}`),
        h("span", { class: "ol-ellipsis" }, event.label || t("event"),
          event.peak_hz !== null && ` · ${Math.round(event.peak_hz)} ${t("Hz")}`),
        h("span", {}, measure(event.score, t.locale))))),
    nothing && h("p", { class: "ol-muted" }, t("Nothing found")));
}
