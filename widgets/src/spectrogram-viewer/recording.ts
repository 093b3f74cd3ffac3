/** The button that records from the microphone, and how loud and how long it is meanwhile. */
import { busy, button, relabel } from "../lib/controls";
import { h } from "../lib/dom";
import type { Item } from "../lib/types";
import { clockText } from "./axes";
import { Microphone } from "./microphone";
import { fullness } from "./samples";
import type { Viewer } from "./viewer";

export class Recording {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  private readonly microphone: Microphone;
  private readonly time = h("output", { class: "ol-number ol-recording-time" });
  private readonly level = h("div", { class: "ol-bar-fill" });
  private readonly meter: HTMLElement;
  private shown: boolean | null = null;

  constructor(private readonly viewer: Viewer, kept: (sound: Item) => void) {
    const { context, t } = viewer;
    this.microphone = Microphone.of(context);
    this.button = button({ icon: "record", label: t("Record"), props: { "data-do": "record-sound" },
      onclick: () => void busy(this.button, () => context.attempt(() => this.press())).then(() => this.refresh()) });
    this.meter = h("div", { class: "ol-bar ol-grow", role: "meter", "aria-label": t("Level of the microphone"),
      "aria-valuemin": 0, "aria-valuemax": 100 }, this.level);
    this.element = h("div", { class: "ol-row ol-recording", hidden: true, "data-recording": "" },
      h("span", { class: "ol-recording-dot", "aria-hidden": "true" }),
      h("span", { role: "status" }, t("Recording")), this.time, this.meter);
    this.microphone.onchange = () => this.refresh();
    this.microphone.onfail = (error) => context.toaster.error(error);
    this.microphone.onkept = kept;
    this.refresh();
  }

  private press(): Promise<void> {
    return this.microphone.recording ? this.microphone.stop() : this.microphone.record(this.viewer.t);
  }

  private refresh(): void {
    const { t } = this.viewer;
    const { recording, level, seconds } = this.microphone;
    if (this.shown !== recording) {
      this.shown = recording;
      relabel(this.button, recording ? "stop" : "record", recording ? t("Stop") : t("Record"), recording);
      this.element.hidden = !recording;
    }
    if (!recording) return;
    this.time.textContent = clockText(seconds, 0.1);
    const share = fullness(level);
    this.level.style.width = `${(share * 100).toFixed(1)}%`;
    this.level.classList.toggle("ol-clipped", level >= 0.99);
    this.meter.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }
}
