/** What the keys do, and the page that says so. */
import { openDialog } from "../lib/dialog";
import { h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import type { Viewer } from "./viewer";

/** What keys call for. */
export interface Actions {
  pan(dx: number, dy: number): void;
  zoom(factor: number): void;
  zoomBand(factor: number): void;
  all(): void;
  edge(end: boolean): void;
  play(): void;
  playSelected(): void;
  loop(): void;
  step(by: number): void;
  label(): void;
  accept(): void;
  reject(): void;
  remove(): void;
  escape(): void;
  undo(): void;
  redo(): void;
  tool(name: "move" | "select" | "draw"): void;
  annotate(): void;
  help(): void;
}

export type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The action of a key press, if it has one. Pure. */
export function actionFor(event: Press): ((actions: Actions) => void) | null {
  // On a keyboard of other letters, such as a Russian one, the place of the key counts.
  const key = /^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key) ? event.code.slice(3).toLowerCase()
    : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    if (key === "z") return event.shiftKey ? (a) => a.redo() : (a) => a.undo();
    return key === "y" ? (a) => a.redo() : null;
  }
  const far = event.shiftKey ? 0.9 : 0.2;
  const table: Record<string, (actions: Actions) => void> = {
    ArrowLeft: (a) => a.pan(-far, 0), ArrowRight: (a) => a.pan(far, 0),
    ArrowUp: event.shiftKey ? (a) => a.zoomBand(1.5) : (a) => a.pan(0, 0.2),
    ArrowDown: event.shiftKey ? (a) => a.zoomBand(1 / 1.5) : (a) => a.pan(0, -0.2),
    PageUp: (a) => a.pan(-0.9, 0), PageDown: (a) => a.pan(0.9, 0),
    Home: (a) => a.edge(false), End: (a) => a.edge(true),
    "+": (a) => a.zoom(2), "=": (a) => a.zoom(2), "-": (a) => a.zoom(0.5), _: (a) => a.zoom(0.5),
    "0": (a) => a.all(), f: (a) => a.all(),
    " ": event.shiftKey ? (a) => a.playSelected() : (a) => a.play(), l: (a) => a.loop(),
    n: (a) => a.step(1), p: (a) => a.step(-1), Enter: (a) => a.label(),
    a: (a) => a.accept(), r: (a) => a.reject(), Delete: (a) => a.remove(), Backspace: (a) => a.remove(),
    Escape: (a) => a.escape(), m: (a) => a.tool("move"), s: (a) => a.tool("select"), d: (a) => a.tool("draw"),
    b: (a) => a.annotate(), "?": (a) => a.help(), "/": (a) => a.help(),
  };
  return table[key] ?? null;
}

/** Whether a key belongs to what has the focus: a field, or a button that is pressed. */
export function taken(target: HTMLElement, key: string): boolean {
  if (target.matches("input:not([type=checkbox]), textarea, select")) return true;
  if (target.matches("button, [role=radio], input, summary, a[href]")) {
    return key === " " || key === "Enter" || (key.startsWith("Arrow") && target.matches("[role=radio]"));
  }
  return false;
}

function lines(t: Translate): readonly (readonly [string, string])[] {
  return [
    [t("Drag, wheel"), t("move in time")],
    [t("Ctrl + wheel, pinch, +, −"), t("zoom in time")],
    [t("Alt + wheel, wheel on the frequencies, Shift ↑ ↓"), t("zoom in frequency")],
    [t("Shift + drag"), t("zoom to a box")],
    [t("Double click"), t("zoom in, or to an event")],
    ["← → ↑ ↓, Home, End", t("move")],
    ["0", t("show all")],
    [t("Space"), t("play and pause")],
    [t("Shift + Space"), t("play what is selected")],
    ["L", t("loop")],
    ["N, P", t("next and previous event")],
    ["A, R", t("accept or reject an event")],
    ["Enter", t("label")],
    ["Delete", t("delete an annotation")],
    ["M, S, D", t("move, select, draw")],
    ["B", t("make an annotation of the selected stretch")],
    ["Ctrl + Z, Ctrl + Y", t("undo, redo")],
    [t("Finger that rests"), t("select an event, or a stretch")],
  ];
}

export function openHelp(viewer: Viewer): void {
  const { t, root } = viewer;
  openDialog({ title: t("Keys and gestures"), t, home: root },
    h("dl", { class: "ol-keys" }, lines(t).map(([keys, text]) => h("div", {}, h("dt", {}, keys), h("dd", {}, text)))));
}
