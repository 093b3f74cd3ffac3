/** The filters: days, cameras, tags, each with how many there are. */
import { button } from "../lib/controls";
import { fill, h } from "../lib/dom";
import { count, day } from "../lib/format";
import type { Translate } from "../lib/i18n";
import type { Facets, Filter } from "./types";

const MOST_BARS = 120;

export interface Bar {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** Days as bars, several days to a bar when there are many; days without anything stand empty. */
export function histogram(days: Readonly<Record<string, number>>, most = MOST_BARS): Bar[] {
  const known = Object.keys(days).sort();
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last) return [];
  const DAY = 86_400_000;
  const start = Date.parse(`${first}T00:00:00Z`);
  const length = Math.round((Date.parse(`${last}T00:00:00Z`) - start) / DAY) + 1;
  const each = Math.ceil(length / most);
  const iso = (n: number): string => new Date(start + n * DAY).toISOString().slice(0, 10);
  const bars: { from: string; to: string; count: number }[] = [];
  for (let n = 0; n < length; n += each) {
    bars.push({ from: iso(n), to: iso(Math.min(n + each, length) - 1), count: 0 });
  }
  for (const [one, found] of Object.entries(days)) {
    const at = Math.floor(Math.round((Date.parse(`${one}T00:00:00Z`) - start) / DAY) / each);
    bars[at]!.count += found;
  }
  return bars;
}

const without = (list: readonly string[], one: string): string[] => list.filter((x) => x !== one);
const flip = (list: readonly string[], one: string): string[] =>
  list.includes(one) ? without(list, one) : [...list, one];

export function drawFacets(host: HTMLElement, facets: Facets, filter: Filter, t: Translate,
  change: (part: Partial<Filter>) => void): void {
  const bars = histogram(facets.days);
  const tallest = Math.max(1, ...bars.map((bar) => bar.count));
  const inRange = (bar: Bar): boolean =>
    Boolean(filter.from || filter.to) && (!filter.from || bar.to >= filter.from)
    && (!filter.to || bar.from <= filter.to);
  const date = (name: "from" | "to", label: string): HTMLElement => {
    const input = h("input", { class: "ol-input", type: "date", value: filter[name],
      "aria-label": label, title: label, onchange: () => change({ [name]: input.value }) });
    return input;
  };
  const span = (bar: Bar): string => (bar.from === bar.to ? day(bar.from, t.locale)
    : `${day(bar.from, t.locale)} – ${day(bar.to, t.locale)}`);
  fill(host,
    h("section", { class: "ol-facet" }, h("h3", {}, t("Days (UTC)")),
      bars.length > 1 && h("div", { class: "ol-days", role: "group", "aria-label": t("Captured per day") },
        bars.map((bar) => h("button", {
          type: "button", class: "ol-day", "aria-pressed": String(inRange(bar)),
          title: `${span(bar)}: ${count(bar.count, t.locale)}`,
          "aria-label": `${span(bar)}: ${count(bar.count, t.locale)}`,
          onclick: (event: MouseEvent) => {
            if (event.shiftKey && filter.from) {
              const ends = [filter.from, filter.to, bar.from, bar.to].filter(Boolean).sort();
              change({ from: ends[0]!, to: ends.at(-1)! });
            } else if (filter.from === bar.from && filter.to === bar.to) change({ from: "", to: "" });
            else change({ from: bar.from, to: bar.to });
          },
        }, h("i", { style: `height:${bar.count ? Math.max(6, (bar.count / tallest) * 100) : 0}%` })))),
      h("div", { class: "ol-dates" }, date("from", t("From")), h("span", {}, "–"), date("to", t("To")))),
    facets.cameras.length > 0 && h("section", { class: "ol-facet" }, h("h3", {}, t("Cameras")),
      h("ul", {}, facets.cameras.map((one) => h("li", {}, h("label", { class: "ol-facet-row" },
        h("input", { type: "checkbox", checked: filter.cameras.includes(one.slug),
          onchange: () => change({ cameras: flip(filter.cameras, one.slug) }) }),
        h("span", { class: "ol-grow ol-ellipsis" }, one.name),
        h("span", { class: "ol-muted ol-number" }, count(one.count, t.locale))))))),
    facets.tags.length > 0 && h("section", { class: "ol-facet" }, h("h3", {}, t("Tags")),
      h("div", { class: "ol-row ol-tag-cloud" }, facets.tags.map((one) => h("button", {
        type: "button", class: "ol-chip", "aria-pressed": String(filter.tags.includes(one.name)),
        onclick: () => change({ tags: flip(filter.tags, one.name) }),
      }, h("span", { class: "ol-ellipsis" }, one.name),
      h("span", { class: "ol-muted ol-number" }, count(one.count, t.locale)))))),
    h("section", { class: "ol-facet" },
      h("label", { class: "ol-facet-row" },
        h("input", { type: "checkbox", checked: filter.trash,
          onchange: () => change({ trash: !filter.trash }) }), t("Trash")),
      button({ icon: "close", label: t("Clear filters"), look: "quiet",
        onclick: () => change({ kinds: [], cameras: [], tags: [], from: "", to: "", text: "",
          trash: false, gallery: null }) })));
}
