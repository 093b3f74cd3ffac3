/** What the pointer does, zooming, undoing. */
import { button, segmented } from "../lib/controls";
import { h } from "../lib/dom";
import type { IconName } from "../lib/icons";
import type { Tool } from "./gestures";
import { whole, zoomFrequency, zoomTime } from "./view";
import type { Part, Viewer } from "./viewer";

const STEP = 2;

/** Zoom time about the cursor when it is in sight, else about the middle. */
export function zoomBy(viewer: Viewer, factor: number): void {
  const { session } = viewer;
  if (!session) return;
  const { view, cursor, limits } = session;
  const box = session.boxOf(session.selected);
  const at = box ? (box.start + box.end) / 2 : cursor;
  const middle = (view.start + view.end) / 2;
  session.look(zoomTime(view, factor, at > view.start && at < view.end ? at : middle, limits));
}

export function zoomBand(viewer: Viewer, factor: number): void {
  const { session } = viewer;
  if (!session) return;
  const { view, limits } = session;
  session.look(zoomFrequency(view, factor, (view.low + view.high) / 2, limits, viewer.settings.scale));
}

export function showAll(viewer: Viewer): void {
  const { session } = viewer;
  if (session) session.look(whole(session.limits));
}

export class Tools implements Part {
  readonly element: HTMLElement;
  private readonly choice: HTMLElement;
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly display: HTMLButtonElement;

  constructor(private readonly viewer: Viewer, showDisplay: (on: boolean) => void, help: () => void) {
    const { t } = viewer;
    this.choice = segmented(t("Pointer"), [
      { value: "move", label: t("Move"), icon: "hand" },
      { value: "select", label: t("Select a stretch"), icon: "select" },
      { value: "draw", label: t("Draw an annotation"), icon: "draw" },
    ], viewer.tool, (value) => viewer.setTool(value as Tool));
    const tool = (icon: IconName, label: string, key: string, onclick: () => void): HTMLButtonElement =>
      button({ icon, label, bare: true, look: "quiet", onclick, props: { "data-do": key } });
    this.undo = tool("undo", t("Undo"), "undo", () => viewer.session?.marks.undo());
    this.redo = tool("redo", t("Redo"), "redo", () => viewer.session?.marks.redo());
    this.display = button({ icon: "sliders", label: t("Display"), props: { "aria-expanded": "false", "data-do": "display" },
      onclick: () => {
        const on = this.display.getAttribute("aria-expanded") !== "true";
        this.display.setAttribute("aria-expanded", String(on));
        showDisplay(on);
      } });
    this.element = h("div", { class: "ol-row ol-sound-tools" }, this.choice,
      h("div", { class: "ol-row ol-joined", role: "group", "aria-label": t("Zoom") },
        tool("zoomOut", t("Zoom out"), "zoom-out", () => zoomBy(viewer, 1 / STEP)),
        tool("zoomIn", t("Zoom in"), "zoom-in", () => zoomBy(viewer, STEP)),
        tool("fit", t("Show all"), "fit", () => showAll(viewer))),
      h("div", { class: "ol-row ol-joined" }, this.undo, this.redo), this.display,
      tool("info", t("Keys and gestures"), "help", help));
  }

  refresh(): void {
    const { session, tool } = this.viewer;
    for (const node of this.choice.children as Iterable<HTMLElement> & HTMLCollection) {
      const on = (node as HTMLElement).dataset["value"] === tool;
      node.setAttribute("aria-checked", String(on));
      (node as HTMLElement).tabIndex = on ? 0 : -1;
    }
    this.undo.disabled = !session?.marks.canUndo;
    this.redo.disabled = !session?.marks.canRedo;
  }
}
