/** The line below the picture: what is under the pointer, the stretch, how far the overview is. */
import { button, relabel } from "../lib/controls";
import { fill, h } from "../lib/dom";
import { measure } from "../lib/format";
import { clockText, hertzText } from "./axes";
import { clockOf, momentOf } from "./rulers";
import type { Row, Session } from "./session";
import { bandText } from "./table";
import type { Box } from "./types";
import type { Part, Viewer } from "./viewer";

export interface StatusHost {
  play(box: Box): void;
  annotate(): void;
  zoom(box: Box): void;
}

export class Status implements Part {
  readonly element: HTMLElement;
  private readonly pointer = h("span", { class: "ol-number ol-muted ol-ellipsis ol-grow", "data-pointer": "" });
  private readonly stretch = h("div", { class: "ol-row ol-stretch", hidden: true });
  private readonly spoken = h("span", { class: "ol-hidden-text", role: "status" });
  private region: Box | null = null;

  constructor(private readonly viewer: Viewer, private readonly host: StatusHost) {
    this.element = h("div", { class: "ol-row ol-sound-status" }, this.pointer, this.stretch, this.spoken);
  }

  hover(session: Session, time: number, hz: number, over: Row | null): void {
    const { t } = this.viewer;
    const step = (session.view.end - session.view.start) / 1000;
    const parts = [clockText(time, Math.min(0.1, step))];
    const clock = clockOf(session.info, this.viewer.settings.zone);
    if (clock) parts.push(momentOf(time, clock, step));
    parts.push(hertzText(hz, t.locale));
    if (over) {
      const { label, score } = over.box;
      parts.push([label, measure(score, t.locale)].filter(Boolean).join(" "));
    }
    this.pointer.textContent = parts.join(" · ");
  }

  clear(): void {
    this.pointer.textContent = "";
  }

  /** Tell a screen reader what is selected. */
  say(box: Box | null): void {
    const { t } = this.viewer;
    this.spoken.textContent = box ? [
      box.label || t("Event"), `${clockText(box.start, 0.1)} – ${clockText(box.end, 0.1)}`,
      bandText(box, t.locale), `${t("Score")} ${measure(box.score, t.locale)}`,
    ].join(", ") : "";
  }

  refresh(): void {
    const { session, t } = this.viewer;
    const region = session?.region ?? null;
    if (region === this.region) return;
    this.region = region;
    this.stretch.hidden = !region;
    if (!session || !region) return fill(this.stretch);
    const act = (icon: "play" | "zoomIn" | "draw" | "close", label: string, key: string, onclick: () => void): HTMLElement =>
      button({ icon, label, bare: true, look: "quiet", onclick, props: { "data-do": key } });
    const length = new Intl.NumberFormat(t.locale, { maximumFractionDigits: 2 }).format(region.end - region.start);
    fill(this.stretch,
      h("span", { class: "ol-number" }, `${clockText(region.start, 0.1)} + ${length} ${t("s")} · ${bandText(region, t.locale)}`),
      act("play", t("Play the stretch"), "play-stretch", () => this.host.play(region)),
      act("zoomIn", t("Zoom to the stretch"), "zoom-stretch", () => this.host.zoom(region)),
      act("draw", t("Make it an annotation"), "annotate", () => this.host.annotate()),
      act("close", t("Clear the stretch"), "clear-stretch", () => session.mark(null)));
  }
}

/** "Making the overview: 34 %", with a way to stop it and to begin anew. */
export class Making implements Part {
  readonly element: HTMLElement;
  private readonly meter: HTMLProgressElement;
  private readonly text = h("span", { class: "ol-number ol-grow", role: "status" });
  private readonly act: HTMLButtonElement;

  constructor(private readonly viewer: Viewer) {
    const { t, context, channel } = viewer;
    this.meter = h("progress", { max: 1, "aria-label": t("Making the overview") });
    this.act = button({ icon: "close", label: t("Cancel"), look: "quiet", onclick: () => {
      const { session } = viewer;
      if (!session) return;
      const args = { id: session.info.id, ...(session.track === null ? {} : { channel: session.track }) };
      const again = session.stopped !== null;
      void context.attempt(() => channel.call(again ? "open" : "cancel", args));
      if (again) session.progress(0);
    } });
    this.element = h("div", { class: "ol-row ol-making", hidden: true, "data-making": "" }, this.text, this.meter, this.act);
  }

  refresh(): void {
    const { session, t } = this.viewer;
    this.element.hidden = !session || session.ready;
    if (!session || session.ready) return;
    const { stopped, share } = session;
    this.meter.hidden = stopped !== null;
    this.meter.value = share;
    const text = stopped === null
      ? t("Making the overview: {percent} %. Zoom in to see what is not there yet.", { percent: Math.floor(share * 100) })
      : stopped || t("The overview is not there: making it was stopped.");
    if (this.text.textContent !== text) this.text.textContent = text;
    relabel(this.act, stopped === null ? "close" : "refresh", stopped === null ? t("Cancel") : t("Try again"));
  }
}
