/** Two sounds one above the other: whether they move together, and how far they are apart. */
import { button, toggle } from "../lib/controls";
import { h } from "../lib/dom";
import { linked, type Session } from "./session";
import type { Viewer } from "./viewer";

export class Compare {
  readonly element: HTMLElement;
  private readonly offset = h("input", { class: "ol-input ol-seconds", type: "number", step: "any", name: "offset" });
  private readonly clock: HTMLButtonElement;
  private together = true;
  private apart = 0;
  private moving = false;
  private readonly stops: (() => void)[];

  constructor(private readonly viewer: Viewer, private readonly first: Session,
    private readonly second: Session, close: () => void) {
    const { t } = viewer;
    this.offset.value = "0";
    this.offset.setAttribute("aria-label", t("Offset in seconds"));
    this.offset.addEventListener("change", () => this.setOffset(Number(this.offset.value) || 0));
    this.clock = button({ icon: "timer", label: t("Same clock time"), look: "quiet", props: { "data-do": "same-clock" },
      onclick: () => this.setOffset((first.info.started_at_ms! - second.info.started_at_ms!) / 1000) });
    this.clock.hidden = first.info.started_at_ms === null || second.info.started_at_ms === null;
    this.element = h("div", { class: "ol-row ol-compare", role: "group", "aria-label": t("Comparison") },
      h("span", { class: "ol-ellipsis ol-sound-name" }, second.info.name),
      toggle(t("Move together"), true, (on) => this.link(on)),
      h("label", { class: "ol-row" }, h("span", { class: "ol-muted" }, t("Offset, s")), this.offset), this.clock,
      h("span", { class: "ol-grow" }),
      button({ icon: "close", label: t("End the comparison"), bare: true, look: "quiet", onclick: close, props: { "data-do": "end-compare" } }));
    this.stops = [
      first.on("view", () => this.follow(first, second, this.apart)),
      second.on("view", () => this.follow(second, first, -this.apart)),
    ];
    this.follow(first, second, 0);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.element.remove();
  }

  /** Linking keeps the views as far apart as they are now. */
  private link(on: boolean): void {
    this.together = on;
    if (on) this.setOffset(this.second.view.start - this.first.view.start);
  }

  private setOffset(seconds: number): void {
    this.apart = seconds;
    this.offset.value = String(Math.round(seconds * 1000) / 1000);
    this.follow(this.first, this.second, seconds);
  }

  private follow(leader: Session, other: Session, offset: number): void {
    if (!this.together || this.moving) return;
    this.moving = true;
    other.look(linked(leader.view, offset, other.limits));
    this.moving = false;
    this.viewer.schedule();
  }
}
