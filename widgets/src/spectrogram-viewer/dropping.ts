/** Files that are dropped on the viewer or chosen: sounds go into the lab, tables onto the sound. */
import { button } from "../lib/controls";
import { h } from "../lib/dom";
import { icon } from "../lib/icons";
import type { Item } from "../lib/types";
import { takeFiles } from "../lib/upload";
import { isTable } from "./exchange";
import type { Viewer } from "./viewer";

export interface Intake {
  readonly button: HTMLButtonElement;
  readonly picker: HTMLInputElement;
  readonly meter: HTMLElement;
  /** What covers the viewer while files hang over it. */
  readonly cover: HTMLElement;
}

/** `arrived` is told what came into the lab; `table` takes one table. */
export function dropping(viewer: Viewer, arrived: (items: readonly Item[]) => Promise<void>,
  table: (file: File) => Promise<boolean>): Intake {
  const { t, context, root } = viewer;
  const picker = h("input", { type: "file", multiple: true, accept: "audio/*,video/*,.flac,.opus,.wav", hidden: true });
  const meter = h("div", { class: "ol-upload", role: "status", hidden: true });
  const take = async (files: readonly File[]): Promise<void> => {
    for (const file of files.filter(isTable)) await table(file);
    const sounds = files.filter((file) => !isTable(file));
    if (sounds.length) await arrived(await takeFiles(sounds, null, context.channel("intake"), context, meter));
  };
  picker.addEventListener("change", () => {
    void take([...(picker.files ?? [])]);
    picker.value = "";
  });
  let over = 0;
  const carries = (event: DragEvent): boolean => Boolean(event.dataTransfer?.types.includes("Files"));
  const hang = (by: number): void => {
    over = Math.max(0, over + by);
    root.classList.toggle("ol-dropping", over > 0);
  };
  root.addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    hang(1);
  });
  root.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  root.addEventListener("dragleave", () => hang(-1));
  root.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    event.stopPropagation();
    over = 0;
    hang(0);
    void take([...(event.dataTransfer?.files ?? [])]);
  });
  const add = button({ icon: "plus", label: t("Add files"), onclick: () => picker.click(), props: { "data-do": "add-files" } });
  return { button: add, picker, meter,
    cover: h("div", { class: "ol-drop", "aria-hidden": "true" }, icon("plus", 32), t("Drop recordings and tables of annotations here")) };
}
