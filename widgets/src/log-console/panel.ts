/** The lab's log: follows as it grows, filtered by level and text. */
import { button, copyText, empty, relabel, select } from "../lib/controls";
import { Cleanup, debounce, fill, h } from "../lib/dom";
import { moment } from "../lib/format";
import { icon } from "../lib/icons";
import type { Context } from "../lib/widget";
import "../lib/base.css";
import "./log-console.css";
import { type Entry, matches, type Shown } from "./entries";

const MOST = 2000;

export function mountLog(host: HTMLElement, context: Context): () => void {
  const { t, memory, toaster } = context;
  const cleanup = new Cleanup();
  const channel = context.channel("logs");
  let entries: Entry[] = [];
  let loaded = false;
  let follow = true;
  let shown: Shown = { level: String(memory.get("log-level") ?? "info"), text: String(memory.get("log-text") ?? "") };

  const levels = { debug: t("Debug"), info: t("Info"), warning: t("Warning"), error: t("Error") };
  const level = select(t("Level"), [
    { value: "debug", label: t("Everything") }, { value: "info", label: t("Info and above") },
    { value: "warning", label: t("Warnings and errors") }, { value: "error", label: t("Errors only") },
  ], shown.level, (value) => { memory.set("log-level", value); shown = { ...shown, level: value }; draw(); });
  const search = h("input", { class: "ol-input", type: "search", placeholder: t("Search the log"),
    "aria-label": t("Search"), value: shown.text });
  search.addEventListener("input", debounce(150, () => {
    memory.set("log-text", search.value);
    shown = { ...shown, text: search.value };
    draw();
  }));
  const following = button({ icon: "down", label: t("Follow"), props: { "aria-pressed": "true" },
    onclick: () => setFollow(!follow) });
  const copy = button({ icon: "copy", label: t("Copy"), bare: true, onclick: () => {
    const text = visible().map((e) => `${e.at}\t${e.level}\t${e.origin}\t${e.text}`).join("\n");
    void copyText(text).then((done) => { if (done) toaster.show({ kind: "good", text: t("Log copied") }); });
  } });
  const list = h("ol", { class: "ol-log", role: "log", tabindex: 0, "aria-label": t("Log") });
  const blank = h("div", { hidden: true });
  const root = h("section", { class: "ol-logs", "aria-label": t("Log") },
    h("div", { class: "ol-bar-top" }, h("h2", {}, t("Log")), h("div", { class: "ol-grow" }),
      h("div", { class: "ol-search" }, icon("search", 16), search), level, following, copy), list, blank);
  host.append(root);

  const visible = (): Entry[] => entries.filter((entry) => matches(entry, shown));
  const line = (entry: Entry): HTMLElement => h("li", { class: `ol-level-${entry.level}` },
    h("time", { datetime: entry.at, title: moment(entry.at, t.locale) },
      moment(entry.at, t.locale).split(", ").at(-1)!),
    h("span", { class: "ol-log-level" }, levels[entry.level]),
    h("span", { class: "ol-log-text" }, entry.text),
    entry.origin && h("span", { class: "ol-log-origin" }, entry.origin));
  const dayLine = (entry: Entry): HTMLElement => h("li", { class: "ol-log-day" },
    moment(entry.at, t.locale).split(", ").slice(0, -1).join(", "));

  function setFollow(on: boolean): void {
    follow = on;
    relabel(following, "down", t("Follow"), on);
    if (on) list.scrollTop = list.scrollHeight;
  }

  function draw(): void {
    const found = visible();
    const nodes: HTMLElement[] = [];
    let last = "";
    for (const entry of found) {
      const day = new Date(entry.at).toDateString();
      if (day !== last) nodes.push(dayLine(entry));
      last = day;
      nodes.push(line(entry));
    }
    list.replaceChildren(...nodes);
    blank.hidden = !loaded || found.length > 0;
    list.hidden = loaded && found.length === 0;
    if (!blank.hidden) {
      fill(blank, entries.length
        ? empty("search", t("Nothing matches"), t("Show a lower level, or search for something else."))
        : empty("log", t("Nothing has happened yet"), t("All that is captured, analysed, sent or goes wrong is written here.")));
    }
    if (follow) list.scrollTop = list.scrollHeight;
  }

  function append(fresh: readonly Entry[]): void {
    const known = entries.at(-1)?.id ?? 0;
    const added = fresh.filter((entry) => entry.id > known);
    if (!added.length) return;
    entries = [...entries, ...added].slice(-MOST);
    const before = added.length === entries.length ? undefined : entries[entries.length - added.length - 1];
    const sameDay = before && new Date(before.at).toDateString() === new Date(added.at(-1)!.at).toDateString();
    if (!sameDay || list.hidden) return draw();
    list.append(...added.filter((entry) => matches(entry, shown)).map(line));
    while (list.childElementCount > MOST + 60) list.firstElementChild!.remove();
    if (follow) list.scrollTop = list.scrollHeight;
  }

  list.addEventListener("scroll", () => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
    if (atEnd !== follow) {
      follow = atEnd;
      relabel(following, "down", t("Follow"), follow);
    }
  }, { passive: true });
  cleanup.add(channel.on("entries", (data: { entries: Entry[] }) => append(data.entries)));
  cleanup.add(() => root.remove());
  void context.attempt(async () => {
    entries = (await channel.call<{ entries: Entry[] }>("read")).data.entries;
    loaded = true;
    draw();
  });
  return () => cleanup.run();
}
