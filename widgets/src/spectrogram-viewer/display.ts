/** How the picture looks: colours, contrast, scales, clock. Nothing is asked of the kernel. */
import { field, segmented, select, toggle } from "../lib/controls";
import { h } from "../lib/dom";
import { type ColourMap, gradient } from "./colours";
import type { Zone } from "./axes";
import type { Tiles } from "./types";
import type { Scale } from "./view";
import type { Part, Viewer } from "./viewer";

export class Display implements Part {
  readonly element: HTMLElement;
  private readonly ramp = h("div", { class: "ol-ramp", "aria-hidden": "true" });
  private readonly low: Slider;
  private readonly high: Slider;

  constructor(private readonly viewer: Viewer) {
    const { t, settings } = viewer;
    const maps = select(t("Colours"), [
      { value: "magma", label: t("Magma") }, { value: "viridis", label: t("Viridis") }, { value: "grey", label: t("Grey") },
    ], settings.map, (value) => viewer.set({ map: value as ColourMap }));
    this.low = slider(t("Darkest"), t("dB"), "low", (low) =>
      viewer.set({ low, high: Math.max(Number(this.high.input.value), low + 3) }));
    this.high = slider(t("Brightest"), t("dB"), "high", (high) =>
      viewer.set({ high, low: Math.min(Number(this.low.input.value), high - 3) }));
    const choice = (label: string, options: readonly (readonly [string, string])[], value: string,
      onchange: (value: string) => void): HTMLElement =>
      h("div", { class: "ol-field" }, h("span", { class: "ol-field-name" }, label),
        segmented(label, options.map(([v, text]) => ({ value: v, label: text })), value, onchange));
    this.element = h("div", { class: "ol-display", role: "group", "aria-label": t("Display"), hidden: true },
      h("div", { class: "ol-field" }, field(t("Colours"), maps),
        toggle(t("Inverted"), settings.inverted, (inverted) => viewer.set({ inverted }))),
      h("div", { class: "ol-field" }, this.ramp, this.low.field, this.high.field),
      choice(t("Frequency"), [["mel", t("Mel")], ["linear", t("Linear")]], settings.scale,
        (scale) => viewer.set({ scale: scale as Scale })),
      choice(t("Level"), [["mean", t("Average")], ["peak", t("Peaks")]], settings.peaks ? "peak" : "mean",
        (value) => viewer.set({ peaks: value === "peak" })),
      choice(t("Clock"), [["UTC", "UTC"], ["local", t("Local")]], settings.zone,
        (zone) => viewer.set({ zone: zone as Zone })),
      choice(t("While it plays"), [["pages", t("Turn pages")], ["glide", t("Glide")]],
        settings.glide ? "glide" : "pages", (value) => viewer.set({ glide: value === "glide" })));
  }

  refresh(): void {
    const { settings, session } = this.viewer;
    this.ramp.style.background = gradient(settings.map, settings.inverted);
    const tiles = session?.pictures.tiles;
    if (!tiles) return;
    this.low.show(settings.low ?? tiles.db_low, tiles);
    this.high.show(settings.high ?? tiles.db_high, tiles);
  }
}

interface Slider {
  readonly field: HTMLElement;
  readonly input: HTMLInputElement;
  show(value: number, range: Pick<Tiles, "db_low" | "db_high">): void;
}

/** A labelled slider that says its value. */
function slider(label: string, unit: string, name: string, oninput: (value: number) => void): Slider {
  const input = h("input", { type: "range", step: 1, "data-do": name });
  const says = h("output", { class: "ol-number ol-muted" });
  input.addEventListener("input", () => oninput(Number(input.value)));
  return {
    input,
    field: h("label", { class: "ol-field" }, h("span", { class: "ol-row ol-field-name" }, label, says), input),
    show: (value, { db_low, db_high }) => {
      input.min = String(Math.floor(db_low));
      input.max = String(Math.ceil(db_high));
      input.value = String(value);
      says.textContent = `${Math.round(value)} ${unit}`;
    },
  };
}
