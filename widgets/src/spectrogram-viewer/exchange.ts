/** Out: a picture of the view, tables of events or annotations. In: tables of other programs. */
import { blob } from "../lib/channel";
import { busy, button, field, select } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import { h } from "../lib/dom";
import { keep } from "../lib/media";
import type { Translate } from "../lib/i18n";
import { momentOf } from "./rulers";
import type { Lane } from "./lane";
import type { Session } from "./session";
import type { Marked } from "./types";
import type { Viewer } from "./viewer";

const TABLES = ".txt,.csv,.tsv,.json,.parquet,.zip";
const LARGEST_TABLE = 50_000_000;
const MARGIN = 12;
const TITLE_PX = 30;

/** All lanes with their axes as one picture. */
export function picture(lanes: readonly Lane[], viewer: Viewer): Promise<Blob> {
  const dense = Math.min(2, devicePixelRatio || 1);
  const colours = viewer.palette();
  const sizes = lanes.map(({ element }) => ({ width: element.clientWidth, height: element.clientHeight + TITLE_PX }));
  const canvas = h("canvas", {});
  canvas.width = Math.round((Math.max(...sizes.map((one) => one.width)) + 2 * MARGIN) * dense);
  canvas.height = Math.round((sizes.reduce((sum, one) => sum + one.height, 0) + 2 * MARGIN) * dense);
  const paper = canvas.getContext("2d")!;
  paper.scale(dense, dense);
  paper.fillStyle = colours.paper;
  paper.fillRect(0, 0, canvas.width, canvas.height);
  let top = MARGIN;
  lanes.forEach((lane, i) => {
    const { session } = lane;
    const clock = lane.clock();
    paper.fillStyle = colours.text;
    paper.font = `600 14px ${colours.font}`;
    const when = clock ? ` · ${momentOf(session.view.start, clock, 1)} ${clock.zone === "UTC" ? "UTC" : ""}` : "";
    paper.fillText(session.info.name + when, MARGIN, top + 18, sizes[i]!.width);
    for (const { canvas: from, x, y, width, height } of lane.sheets()) {
      paper.drawImage(from, MARGIN + Math.round(x), top + TITLE_PX + Math.round(y), width, height);
    }
    top += sizes[i]!.height;
  });
  return new Promise((resolve, reject) => canvas.toBlob((made) =>
    (made ? resolve(made) : reject(new Error(viewer.t("The browser could not make the picture")))), "image/png"));
}

export function openExport(viewer: Viewer, session: Session, lanes: () => readonly Lane[]): void {
  const { t, context, channel, root } = viewer;
  const png = button({ icon: "gallery", label: t("Save the picture"), props: { "data-do": "png" } });
  png.addEventListener("click", () => void busy(png, () => context.attempt(async () => {
    keep(await picture(lanes(), viewer), `${stem(session.info.name)}.png`);
    dialog.close();
  })));
  const source = select(t("Table of"), [
    { value: "annotations", label: t("Annotations") },
    ...session.analyses.map((one) => ({ value: one.id, label: one.title })),
  ], session.marks.all.length || !session.analysis ? "annotations" : session.analysis, () => {});
  const format = select(t("Format"), [
    { value: "raven", label: t("Raven selection table") }, { value: "audacity", label: t("Audacity labels") },
    { value: "csv", label: "CSV" }, { value: "parquet", label: "Parquet" }, { value: "aoef", label: "AOEF (soundevent)" },
    { value: "darwin-core", label: "Darwin Core" }, { value: "json", label: "JSON" },
  ], String(context.memory.get("table-format") ?? "raven"), (value) => context.memory.set("table-format", value));
  const table = button({ icon: "download", label: t("Save the table"), look: "main", props: { "data-do": "table" } });
  table.addEventListener("click", () => void busy(table, () => context.attempt(async () => {
    const { data, buffers } = await channel.call<{ name: string }>("export", {
      id: session.info.id, format: format.value, source: source.value,
      ...(source.value === session.analysis
        ? { threshold: session.threshold, rejected: session.rejectedPlaces } : {}),
    });
    keep(blob(buffers[0]!, "application/octet-stream"), data.name);
    dialog.close();
  })));
  const files = h("input", { type: "file", accept: TABLES, hidden: true });
  files.addEventListener("change", () => {
    const file = files.files?.[0];
    if (file) void bring(viewer, session, file).then((done) => { if (done) dialog.close(); });
  });
  const dialog = openDialog({ title: t("Export and import"), t, home: root },
    h("div", { class: "ol-form" },
      h("div", { class: "ol-field" }, h("span", { class: "ol-field-name" }, t("Picture of what is in sight, with its axes")), h("div", { class: "ol-row" }, png)),
      h("div", { class: "ol-form-row" }, field(t("Table of"), source), field(t("Format"), format)),
      h("div", { class: "ol-row" }, table),
      h("div", { class: "ol-field" }, h("span", { class: "ol-field-name" }, t("Annotations from another program")),
        h("span", { class: "ol-hint" }, t("Raven, Audacity, CSV, Parquet, AOEF, Darwin Core or JSON; those that are here already are not doubled.")),
        h("div", { class: "ol-row" }, button({ icon: "plus", label: t("Choose a table"), onclick: () => files.click(), props: { "data-do": "import" } }), files))));
}

/** What came of a table; `named` is another sound that it is of, by its own account. */
export interface Imported extends Marked {
  readonly added: readonly number[];
  readonly changed: number;
  readonly known: number;
  readonly named: string;
}

export function outcome({ added, changed, known, named }: Imported, t: Translate): string {
  const counted = [
    t.n(added.length, "{n} annotation added", "{n} annotations added"),
    changed && t("changed: {n}", { n: changed }), known && t("known: {n}", { n: known }),
  ].filter(Boolean).join(", ");
  return named ? `${counted}. ${t("The table is of another sound, by its own account: {name}", { name: named })}` : counted;
}

/** Add the annotations of a table; whether that went well. */
export async function bring(viewer: Viewer, session: Session, file: File): Promise<boolean> {
  const { t, context, channel } = viewer;
  const done = await context.attempt(async () => {
    if (file.size > LARGEST_TABLE) throw new Error(t("{name} is too large for a table of annotations", { name: file.name }));
    const { data } = await channel.call<Imported>("import",
      { id: session.info.id, name: file.name }, [await file.arrayBuffer()]);
    session.annotated(data);
    context.toaster.show({ kind: data.named ? "warning" : "good", text: outcome(data, t) });
    return true;
  });
  return done === true;
}

const stem = (name: string): string => name.replace(/\.[^.]+$/, "") || name;

/** A file that is a table rather than a sound. */
export const isTable = (file: File): boolean => /\.(txt|csv|tsv|json|parquet|zip)$/i.test(file.name);
