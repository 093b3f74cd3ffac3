/** The selected event or annotation in numbers; an annotation's can be changed here. */
import { button } from "../lib/controls";
import { clamp, fill, h } from "../lib/dom";
import { measure } from "../lib/format";
import { clockText, hertzText } from "./axes";
import { type Ref, same, type Session } from "./session";
import { bandText } from "./table";
import type { Box } from "./types";
import type { Part, Viewer } from "./viewer";

type Bound = "start" | "end" | "low_hz" | "high_hz";

/** A box with one side moved to a number, its sides still in order and within the sound. */
export function withBound(box: Box, side: Bound, value: number, duration: number, nyquist: number): Box {
  if (!Number.isFinite(value)) return box;
  if (side === "start" || side === "end") {
    const at = clamp(value, 0, duration);
    return side === "start" ? { ...box, start: Math.min(at, box.end) } : { ...box, end: Math.max(at, box.start) };
  }
  const at = clamp(value, 0, nyquist);
  return side === "low_hz"
    ? { ...box, low_hz: Math.min(at, box.high_hz ?? nyquist), high_hz: box.high_hz ?? nyquist }
    : { ...box, high_hz: Math.max(at, box.low_hz ?? 0), low_hz: box.low_hz ?? 0 };
}

export interface InspectorHost {
  play(box: Box): void;
  accept(index: number): void;
  reject(index: number): void;
  remove(key: number): void;
}

export class Inspector implements Part {
  readonly element: HTMLElement;
  private shown: { session: Session; ref: Ref; box: Box; open: boolean } | null = null;
  /** Puts other numbers into the fields of the annotation that is shown. */
  private renew: ((box: Box) => void) | null = null;

  constructor(private readonly viewer: Viewer, private readonly host: InspectorHost) {
    this.element = h("section", { class: "ol-inspector", "aria-label": viewer.t("Selected"), hidden: true });
  }

  refresh(): void {
    const { session } = this.viewer;
    const ref = session?.selected ?? null;
    const box = session?.boxOf(ref) ?? null;
    const open = ref?.kind === "event" && session!.isOpen(ref.index);
    const { shown } = this;
    if (shown?.session === session && shown.ref === ref && shown.box === box && shown.open === open) return;
    const again = shown?.session === session && same(shown.ref, ref);
    this.element.hidden = !box;
    this.shown = session && ref && box ? { session, ref, box, open } : null;
    if (again && box && this.renew) return this.renew(box);
    this.renew = null;
    if (!session || !ref || !box) return fill(this.element);
    if (ref.kind === "event") this.showEvent(ref.index, box, open);
    else this.showMark(session, ref.key, box);
  }

  private showEvent(index: number, box: Box, open: boolean): void {
    const { t } = this.viewer;
    const { host } = this;
    const facts: [string, string][] = [
      [t("Time"), `${clockText(box.start, 0.01)} – ${clockText(box.end, 0.01)}`],
      [t("Frequency"), bandText(box, t.locale)], [t("Score"), measure(box.score, t.locale)],
    ];
    if (box.snr_db != null) facts.push([t("Above the noise"), `${measure(box.snr_db, t.locale)} ${t("dB")}`]);
    if (box.peak_hz != null) facts.push([t("Loudest at"), hertzText(box.peak_hz, t.locale)]);
    fill(this.element,
      h("header", { class: "ol-row" }, h("h3", { class: "ol-grow ol-ellipsis" }, box.label || t("Event")),
        button({ icon: "play", label: t("Play this"), bare: true, look: "quiet", onclick: () => host.play(box), props: { "data-do": "play-box" } })),
      h("dl", { class: "ol-facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      open && h("div", { class: "ol-row" },
        button({ icon: "check", label: t("Accept"), onclick: () => host.accept(index), props: { "data-do": "accept", "aria-keyshortcuts": "a" } }),
        button({ icon: "close", label: t("Reject"), onclick: () => host.reject(index), props: { "data-do": "reject", "aria-keyshortcuts": "r" } })));
  }

  private showMark(session: Session, key: number, box: Box): void {
    const { t } = this.viewer;
    const { host } = this;
    const { duration, nyquist } = session.limits;
    const now = (): Box => session.marks.get(key)?.box ?? box;
    const list = h("datalist", { id: `ol-labels-${session.info.id}` },
      session.marks.labels.map((label) => h("option", { value: label })));
    const label = h("input", { class: "ol-input", placeholder: t("Label"), maxlength: 200,
      list: list.id, "data-do": "label", "aria-label": t("Label") });
    label.addEventListener("change", () => session.marks.change(key, { ...now(), label: label.value.trim() }));
    const fields = ([
      ["start", t("From, s"), 3], ["end", t("To, s"), 3], ["low_hz", t("Lowest, Hz"), 0], ["high_hz", t("Highest, Hz"), 0],
    ] as const).map(([side, name, digits]) => {
      const input = h("input", { class: "ol-input", type: "number", step: "any", min: 0, name: side });
      input.addEventListener("change", () =>
        session.marks.change(key, withBound(now(), side, Number(input.value), duration, nyquist)));
      return { side, digits, input, node: h("label", { class: "ol-field" }, h("span", { class: "ol-field-name" }, name), input) };
    });
    this.renew = (shown) => {
      label.value = shown.label;
      for (const { side, digits, input } of fields) {
        input.value = (shown[side] ?? (side === "high_hz" ? nyquist : 0)).toFixed(digits);
      }
    };
    this.renew(box);
    fill(this.element,
      h("header", { class: "ol-row" }, h("h3", { class: "ol-grow" }, t("Annotation")),
        button({ icon: "play", label: t("Play this"), bare: true, look: "quiet", onclick: () => host.play(now()), props: { "data-do": "play-box" } }),
        button({ icon: "trash", label: t("Delete"), bare: true, look: "quiet", onclick: () => host.remove(key), props: { "data-do": "delete", "aria-keyshortcuts": "Delete" } })),
      label, list, h("div", { class: "ol-bounds" }, fields.map(({ node }) => node)));
  }
}
