/** Choosing one of the lab's sounds. */
import { openDialog } from "../lib/dialog";
import { debounce, fill, h } from "../lib/dom";
import { brief, playtime } from "../lib/format";
import { icon } from "../lib/icons";
import type { SoundRow } from "./types";
import type { Viewer } from "./viewer";

export function openChooser(viewer: Viewer, title: string, current: number | null,
  pick: (sound: SoundRow) => void): void {
  const { t, context, channel, root } = viewer;
  const search = h("input", { class: "ol-input", type: "search", "aria-label": t("Search"),
    placeholder: t("Search names, notes, tags") });
  const list = h("div", { class: "ol-sound-list", role: "listbox", "aria-label": t("Sounds") },
    h("span", { class: "ol-spinner" }));
  const dialog = openDialog({ title, t, home: root, className: "ol-sound-dialog" },
    h("div", { class: "ol-search" }, icon("search", 16), search), list);
  let turn = 0;
  const load = async (): Promise<void> => {
    const mine = (turn += 1);
    const found = await context.attempt(() => channel.call<SoundRow[]>("list", { text: search.value.trim() }));
    if (mine !== turn || !found) return;
    fill(list, found.data.length ? found.data.map((sound) => h("button", {
      type: "button", class: "ol-sound-row", role: "option", "data-sound": sound.id,
      "aria-selected": String(sound.id === current), onclick: () => { dialog.close(); pick(sound); },
    }, icon("sound", 18), h("span", { class: "ol-ellipsis ol-grow" }, sound.name),
    h("span", { class: "ol-muted ol-number" }, sound.captured_at_ms === null ? ""
      : brief(new Date(sound.captured_at_ms).toISOString(), t.locale)),
    h("span", { class: "ol-number ol-sound-length" }, sound.duration_s === null ? "" : playtime(sound.duration_s, t.locale))))
      : h("p", { class: "ol-muted" }, t("Nothing matches")));
  };
  search.addEventListener("input", debounce(200, () => void load()));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...list.querySelectorAll<HTMLElement>("button")];
    rows[rows.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      const first = list.querySelector<HTMLElement>("button");
      if (event.key === "Enter") first?.click();
      else first?.focus();
    }
  });
  void load();
  search.focus();
}
