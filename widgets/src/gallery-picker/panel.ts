/** Browsing what was captured: filters, tiles, a selection, and what to do with it. */
import { busy, button, empty, segmented, select, setOptions } from "../lib/controls";
import { confirm, openDialog } from "../lib/dialog";
import { Cleanup, debounce, fill, h } from "../lib/dom";
import { count, day } from "../lib/format";
import { icon, type IconName } from "../lib/icons";
import { finished, type Item } from "../lib/types";
import { ACCEPT, takeFiles } from "../lib/upload";
import type { Context } from "../lib/widget";
import { filmForm } from "../timelapse-maker/form";
import "../lib/base.css";
import "../lib/findings.css";
import "../lib/table.css";
import "../lib/upload.css";
import "../timelapse-maker/timelapse-maker.css";
import "./gallery-picker.css";
import { askChoice, askText, items } from "./actions";
import { drawFacets } from "./facets";
import { openFull } from "./full";
import { openGalleries } from "./galleries";
import { Store } from "./store";
import { Tiles } from "./tiles";
import { type Choices, filtered, type Filter, NO_FILTER } from "./types";

/** A search that takes longer than this dims what is still shown. */
const LATE_MS = 300;

/** What the kernel says of a change; a large one is a job. */
interface Changed {
  readonly count: number;
  readonly job?: string;
}

export interface GalleryView {
  dispose(): void;
  /** Show one item, whatever the filter. */
  open(item: Item): void;
}

export function gallery(host: HTMLElement, context: Context): GalleryView {
  const { t, memory } = context;
  const cleanup = new Cleanup();
  const channel = context.channel("gallery");
  const intake = context.channel("intake");
  const store = new Store(channel);
  let filter: Filter = (memory.get("filter") as Filter | undefined) ?? NO_FILTER;
  let choices: Choices = { gallery: null, galleries: [], cameras: [], analyzers: [], storages: [] };
  let selected = 0;
  let facetsOpen = (memory.get("facets") as boolean | undefined) ?? false;

  // --- the top: what is shown

  const galleries = select(t("Gallery"), [], "", (value) => change({ gallery: value || null }));
  const search = h("input", { class: "ol-input", type: "search", placeholder: t("Search notes, names, tags"),
    "aria-label": t("Search"), value: filter.text });
  search.addEventListener("input", debounce(250, () => change({ text: search.value })));
  const kinds = segmented(t("Kind"), [
    { value: "", label: t("All") }, { value: "frame", label: t("Frames"), icon: "gallery" },
    { value: "clip", label: t("Clips"), icon: "film" }, { value: "sound", label: t("Sounds"), icon: "sound" },
  ], filter.kinds[0] ?? "", (value) => change({ kinds: value ? [value] : [] }));
  const filterButton = button({ icon: "filter", label: t("Filter"), props: {
    "aria-pressed": String(facetsOpen), "data-do": "filter" }, onclick: () => {
    facetsOpen = !facetsOpen;
    memory.set("facets", facetsOpen);
    arrange();
  } });
  const edit = button({ icon: "sliders", label: t("Galleries"), bare: true,
    props: { "data-do": "galleries" }, onclick: () => void openGalleries(root, channel, context,
      async () => { await loadChoices(); return choices.galleries; },
      (slug) => { if (filter.gallery === slug) change({ gallery: null }); }) });
  const order = button({ icon: "sort", label: t("Newest first"), bare: true, onclick: () =>
    change({ newest_first: !filter.newest_first }) });
  const modes = segmented(t("View"), [
    { value: "grid", label: t("Grid"), icon: "grid" }, { value: "strip", label: t("Strip"), icon: "strip" },
  ], String(memory.get("mode") ?? "grid"), (value) => {
    memory.set("mode", value);
    tiles.mode = value as "grid" | "strip";
    tiles.focus();
  });
  const size = h("input", { type: "range", min: 110, max: 360, step: 10, class: "ol-size",
    value: String(memory.get("size") ?? 190), "aria-label": t("Size of the tiles"), title: t("Size of the tiles") });
  size.addEventListener("input", () => {
    memory.set("size", size.value);
    tiles.size = Number(size.value);
    tiles.schedule();
  });
  const picker = h("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true });
  picker.addEventListener("change", () => {
    void upload([...(picker.files ?? [])]);
    picker.value = "";
  });
  const addFiles = button({ icon: "plus", label: t("Add files"), onclick: () => picker.click() });
  const top = h("div", { class: "ol-gallery-top" },
    h("div", { class: "ol-row ol-which" }, galleries, edit, addFiles),
    h("div", { class: "ol-row ol-find" },
      h("div", { class: "ol-search ol-grow" }, icon("search", 16), search), filterButton),
    h("div", { class: "ol-row ol-view-tools" }, kinds, order, modes, size), picker);
  const chips = h("div", { class: "ol-row ol-chips" });

  // --- the selection

  const tally = h("span", { class: "ol-number ol-tally", "aria-live": "polite" });
  const act = (name: IconName, label: string, work: () => void, key: string): HTMLButtonElement =>
    button({ icon: name, label, onclick: work, props: { "data-do": key, disabled: true, title: label } });
  const remove = act("trash", t("Delete"), () => void busy(remove, removeSelected), "delete");
  const send = act("send", t("Send to storage"), () => askSend(), "send");
  const film = act("film", t("Make timelapse"), () => makeFilm(), "timelapse");
  const analyse = act("analyse", t("Analyse"), () => askAnalyse(), "analyse");
  const tag = act("tag", t("Tag"), () => askTag(), "tag");
  const collect = act("gallery", t("Add to gallery"), () => askCollect(), "collect");
  const leave = act("close", t("Remove from gallery"), () => void busy(leave, leaveGallery), "leave");
  const restore = act("refresh", t("Restore"), () => void busy(restore, restoreSelected), "restore");
  const purge = button({ icon: "trash", label: t("Empty trash"), look: "danger", onclick: () => void emptyTrash() });
  const clear = button({ label: t("Select none"), look: "quiet", onclick: () => void none(), props: { "data-do": "none" } });
  const bar = h("div", { class: "ol-selection" },
    button({ label: t("Select all"), look: "quiet", onclick: () => void all(), props: { "data-do": "all" } }),
    clear,
    tally, h("div", { class: "ol-grow" }),
    h("div", { class: "ol-row ol-acts", role: "toolbar", "aria-label": t("With the selection") },
      film, send, analyse, tag, collect, leave, restore, remove, purge));

  // --- the middle

  const tiles = new Tiles(store, {
    open: (index) => openAt(index),
    toggle: (index, on) => void toggle(index, on),
    range: (from, to, on) => void range(from, to, on),
    all: () => void all(),
    none: () => void none(),
    remove: () => void removeSelected(),
  }, t);
  tiles.mode = (memory.get("mode") as "grid" | "strip" | undefined) ?? "grid";
  tiles.size = Number(size.value);
  const facets = h("aside", { class: "ol-facets", "aria-label": t("Filters") });
  const blank = h("div", { class: "ol-blank", hidden: true });
  const meter = h("div", { class: "ol-upload", role: "status", hidden: true });
  const middle = h("div", { class: "ol-gallery-middle" }, facets,
    h("div", { class: "ol-gallery-main" }, tiles.element, blank));
  const root = h("section", { class: "ol-gallery", "aria-label": t("Gallery") }, top, chips, bar, meter, middle,
    h("div", { class: "ol-drop", "aria-hidden": "true" }, icon("plus", 32), t("Drop pictures, videos and sounds here")));
  host.append(root);

  store.onchange = () => tiles.schedule();
  store.onerror = (error) => context.toaster.error(error);

  function arrange(): void {
    facets.hidden = !facetsOpen;
    root.classList.toggle("ol-filtering", facetsOpen || filter.kinds.length > 0);
    filterButton.setAttribute("aria-pressed", String(facetsOpen));
    order.title = filter.newest_first ? t("Newest first") : t("Oldest first");
    order.setAttribute("aria-label", order.title);
    order.classList.toggle("ol-turned", !filter.newest_first);
    const chip = (text: string, part: Partial<Filter>): HTMLElement =>
      h("span", { class: "ol-chip" }, h("span", { class: "ol-ellipsis" }, text),
        h("button", { type: "button", class: "ol-chip-x", "aria-label": t("Remove filter {name}", { name: text }),
          onclick: () => change(part) }, icon("close", 12)));
    const camera = (slug: string): string =>
      choices.cameras.find((one) => one.name === slug)?.title ?? slug;
    fill(chips,
      filter.cameras.map((slug) => chip(camera(slug), { cameras: filter.cameras.filter((x) => x !== slug) })),
      filter.tags.map((name) => chip(name, { tags: filter.tags.filter((x) => x !== name) })),
      (filter.from || filter.to) && chip(
        filter.from === filter.to ? day(filter.from, t.locale)
          : `${filter.from ? day(filter.from, t.locale) : "…"} – ${filter.to ? day(filter.to, t.locale) : "…"}`,
        { from: "", to: "" }),
      filter.text && chip(`“${filter.text}”`, { text: "" }),
      filter.trash && chip(t("Trash"), { trash: false }));
    chips.hidden = !chips.childElementCount;
    for (const node of [film, send, analyse, tag, collect, remove]) node.hidden = filter.trash;
    leave.hidden = !filter.gallery || filter.trash;
    restore.hidden = purge.hidden = !filter.trash;
    tell();
  }

  function tell(): void {
    tally.textContent = selected
      ? t("{n} of {total} selected", { n: count(selected, t.locale), total: count(store.total, t.locale) })
      : items(t, store.total).replace(String(store.total), count(store.total, t.locale));
    for (const node of [film, send, analyse, tag, collect, leave, restore, remove]) node.disabled = !selected;
    bar.classList.toggle("ol-some", selected > 0);
    clear.disabled = !selected;
    const none = store.facets !== null && store.total === 0;
    blank.hidden = !none;
    tiles.element.hidden = none;
    if (!none) return;
    const trash = store.facets?.trash ?? 0;
    fill(blank, filter.trash ? empty("trash", t("The trash is empty"), t("What you delete waits here until you empty the trash."))
      : filtered(filter)
        ? empty("search", t("Nothing matches"), t("Take a filter away, or search for something else."),
          button({ label: t("Clear filters"), onclick: () => { search.value = ""; change({ ...NO_FILTER, newest_first: filter.newest_first }); } }))
        : trash ? empty("trash", t("All is in the trash"), t("What you delete waits there until you empty it."),
          button({ icon: "trash", label: t("Show the trash"), look: "main", onclick: () => change({ trash: true }) }),
          button({ icon: "plus", label: t("Add files"), onclick: () => picker.click() }))
        : empty("gallery", t("Nothing captured yet"),
          t("Take a still with a camera, or drop pictures, videos and sounds here."),
          context.go && button({ icon: "camera", label: t("Go to the cameras"), look: "main", onclick: () => context.go!("cameras") }),
          button({ icon: "plus", label: t("Add files"), onclick: () => picker.click() })));
  }

  function change(part: Partial<Filter>): void {
    filter = { ...filter, ...part };
    memory.set("filter", filter);
    if (part.text === "" && search.value) search.value = "";
    if (part.kinds && !part.kinds.length) {
      for (const node of kinds.children) node.setAttribute("aria-checked", String(!(node as HTMLElement).dataset["value"]));
    }
    tiles.toTop();
    void refresh(false);
  }

  async function refresh(keep: boolean): Promise<void> {
    // Tiles of another search must not pass for an answer to this one.
    const late = keep ? undefined : setTimeout(() => root.classList.add("ol-searching"), LATE_MS);
    await context.attempt(async () => {
      const found = await store.query(filter, keep).finally(() => clearTimeout(late));
      if (!found) return;
      root.classList.remove("ol-searching");
      selected = found.selected;
      drawFacets(facets, found, filter, t, change);
      arrange();
    });
  }

  async function loadChoices(): Promise<void> {
    await context.attempt(async () => {
      choices = (await channel.call<Choices>("choices")).data;
      setOptions(galleries, [{ value: "", label: t("All captures") },
        ...choices.galleries.map((one) => ({ value: one.slug, label: `${one.name} (${one.count})` }))],
      filter.gallery ?? "");
    });
  }

  // --- selecting

  const set = (data: { selected: number }): void => {
    selected = data.selected;
    tell();
    tiles.schedule();
  };
  const mark = (from: number, to: number, on: boolean): void => {
    for (let i = from; i < to; i++) {
      const item = store.at(i);
      if (item) item.selected = on;
    }
    tiles.schedule();
  };
  const toggle = (index: number, on: boolean): Promise<unknown> => context.attempt(async () => {
    const item = store.at(index);
    if (!item) return;
    mark(index, index + 1, on);
    set((await channel.call<{ selected: number }>("select", { ids: [item.id], on })).data);
  });
  const range = (from: number, to: number, on: boolean): Promise<unknown> => context.attempt(async () => {
    const [start, stop] = [Math.min(from, to), Math.max(from, to) + 1];
    mark(start, stop, on);
    set((await channel.call<{ selected: number }>("select_range", { start, stop, on })).data);
  });
  const all = (): Promise<unknown> => context.attempt(async () => {
    set((await channel.call<{ selected: number }>("select_all")).data);
    for (const item of store.loaded()) item.selected = true;
    tiles.schedule();
  });
  const none = (): Promise<unknown> => context.attempt(async () => {
    set((await channel.call<{ selected: number }>("select_none")).data);
    for (const item of store.loaded()) item.selected = false;
    tiles.schedule();
  });

  // --- acting

  async function deleted(ids: readonly number[] | null): Promise<void> {
    const { data } = await channel.call<Changed & { undo: string; selected: number }>("delete",
      ids ? { ids } : {});
    set(data);
    if (!await ended(data)) return;
    context.toaster.show({
      text: t("Moved to the trash: {items}", { items: items(t, data.count) }),
      action: { label: t("Undo"), run: () => void context.attempt(async () => {
        await ended((await channel.call<Changed>("restore", { undo: data.undo })).data);
        await refresh(true);
      }) },
    });
    await refresh(true);
  }
  async function removeSelected(): Promise<void> {
    if (filter.trash) return;
    const item = store.at(tiles.current);
    const ids = selected ? null : item ? [item.id] : [];
    if (ids && !ids.length) return;
    await context.attempt(() => deleted(ids));
  }
  const restoreSelected = (): Promise<unknown> => context.attempt(async () => {
    const { data } = await channel.call<Changed & { selected: number }>("restore");
    set(data);
    await ended(data);
    await refresh(true);
  });
  async function emptyTrash(): Promise<void> {
    const sure = await confirm({ title: t("Empty the trash?"), t, home: root, forGood: true },
      t("Deleted for good: {items}. This can't be undone.", { items: items(t, store.facets?.trash ?? store.total) }),
      t("Delete for good"));
    if (!sure) return;
    await busy(purge, () => context.attempt(async () => {
      await ended((await channel.call<Changed>("purge")).data);
      await refresh(false);
    }));
  }
  const leaveGallery = (): Promise<unknown> => context.attempt(async () => {
    await ended((await channel.call<Changed>("leave", { gallery: filter.gallery })).data);
    await none();
    await refresh(true);
  });
  /** Wait for a change that was begun as a job; whether it is done. */
  const ended = (begun: Changed): Promise<boolean> => new Promise((resolve, reject) => {
    if (!begun.job) return resolve(true);
    const stop = context.jobs.watch(begun.job, (job) => {
      if (!finished(job)) return;
      stop();
      if (job.state !== "cancelled") context.toaster.told(job.id);
      if (job.state === "failed") reject(new Error(job.error));
      else resolve(job.state === "done");
    });
  });
  const jobToast = (id: string, text: string): void => {
    const stop = context.jobs.watch(id, (job) => {
      if (job.state === "done" || job.state === "failed") context.toaster.told(id);
      if (job.state === "done") {
        const failed = Number((job.result as { failed?: number } | null)?.failed ?? 0);
        context.toaster.show(failed
          ? { kind: "warning", text: t("{n} failed; the log says why", { n: failed }) }
          : { kind: "good", text });
      }
      if (job.state === "failed") context.toaster.show({ kind: "error", text: job.error });
      if (finished(job)) stop();
    });
  };
  async function fresh(): Promise<void> {
    await loadChoices();
  }
  function askSend(): void {
    void fresh().then(() => askChoice(root, context, {
      title: t("Send {items} to a storage", { items: items(t, selected) }), label: t("Storage"),
      verb: t("Send"), hint: t("Files are kept there under their CID and can be fetched and proven unchanged."),
      none: t("No storage is registered. Add one with octolab.register_storage(…)."),
    }, choices.storages, async (storage) => {
      const { data } = await channel.call<{ job: string; count: string }>("publish", { storage });
      jobToast(data.job, t("Sent to {storage}: {items}", { storage, items: items(t, Number(data.count)) }));
    }));
  }
  function askAnalyse(): void {
    void fresh().then(() => askChoice(root, context, {
      title: t("Analyse {items}", { items: items(t, selected) }), label: t("Analyzer"), verb: t("Analyse"),
      none: t("No analyzer is registered. Add one with octolab.register_analyzer(…)."),
    }, choices.analyzers, async (analyzer) => {
      const { data } = await channel.call<{ job: string; count: number }>("analyse", { analyzer });
      jobToast(data.job, t("Analysed: {items}", { items: items(t, data.count) }));
    }));
  }
  function askTag(): void {
    askText(root, context, { title: t("Tag {items}", { items: items(t, selected) }), label: t("Tags"),
      verb: t("Add"), hint: t("Several tags are separated by commas") },
    (store.facets?.tags ?? []).map((one) => one.name), async (text) => {
      if (!await ended((await channel.call<Changed>("tag", { add: text.split(",") })).data)) return;
      context.toaster.show({ kind: "good", text: t("Tagged") });
    });
  }
  function askCollect(): void {
    askText(root, context, { title: t("Add {items} to a gallery", { items: items(t, selected) }),
      label: t("Gallery"), verb: t("Add"), hint: t("A new name makes a new gallery") },
    choices.galleries.map((one) => one.name), async (name) => {
      const { data } = await channel.call<Changed & { name: string }>("collect", { gallery: name });
      if (!await ended(data)) return;
      context.toaster.show({ kind: "good", text: t("Added to the gallery “{gallery}”", { gallery: data.name }) });
      await loadChoices();
    });
  }
  function makeFilm(): void {
    const form = filmForm(context, (id) => {
      dialog.close();
      void context.attempt(async () => {
        const { data } = await context.channel("viewer").call<{ item: Item }>("detail", { id });
        open(data.item);
      });
    });
    const dialog = openDialog({ title: t("Make timelapse"), t, home: root, onclose: () => form.dispose() });
    form.setSource({ selection: true }, t("timelapse"));
    dialog.body.append(form.element);
    dialog.foot.append(button({ label: t("Close"), onclick: () => dialog.close() }), form.make);
  }

  async function upload(files: readonly File[]): Promise<void> {
    if (!files.length) return;
    const chosen = choices.galleries.find((one) => one.slug === filter.gallery)?.name ?? null;
    await takeFiles(files, chosen, intake, context, meter);
    await refresh(true);
  }

  // --- looking

  function openAt(index: number): void {
    // What was in sight opens, also when another search is about to take its place.
    let clicked = store.at(index);
    openFull(root, context, {
      index,
      count: () => store.total,
      load: (at) => {
        const first = clicked;
        clicked = undefined;
        return first ? Promise.resolve(first) : store.load(at);
      },
      where: (id, hint) => store.where(id, hint),
      changed: () => void refresh(true),
      remove: (item) => deleted([item.id]),
      closed: (at) => tiles.focus(at),
    });
  }
  function open(item: Item): void {
    openFull(root, context, {
      index: 0, count: () => 1, load: () => Promise.resolve(item), changed: () => void refresh(true),
    });
  }

  // --- dropping files

  let over = 0;
  const dragging = (event: DragEvent): boolean => Boolean(event.dataTransfer?.types.includes("Files"));
  root.addEventListener("dragenter", (event) => {
    if (!dragging(event)) return;
    event.preventDefault();
    over += 1;
    root.classList.add("ol-dropping");
  });
  root.addEventListener("dragover", (event) => { if (dragging(event)) event.preventDefault(); });
  root.addEventListener("dragleave", () => {
    over = Math.max(0, over - 1);
    if (!over) root.classList.remove("ol-dropping");
  });
  root.addEventListener("drop", (event) => {
    if (!dragging(event)) return;
    event.preventDefault();
    event.stopPropagation();
    over = 0;
    root.classList.remove("ol-dropping");
    void upload([...(event.dataTransfer?.files ?? [])]);
  });

  const changed = debounce(300, (topics: readonly string[]) => {
    if (topics.includes("gallery") || topics.includes("source")) void loadChoices();
    void refresh(true);
  });
  cleanup.add(channel.on("changed", (data: { topics: string[] }) => changed(data.topics)));
  cleanup.add(() => changed.cancel(), () => store.dispose(), () => tiles.dispose(), () => root.remove());

  arrange();
  void loadChoices().then(() => {
    if (choices.gallery && !memory.has("filter")) filter = { ...filter, gallery: choices.gallery };
    galleries.value = filter.gallery ?? "";
    return refresh(false);
  });
  return { dispose: () => cleanup.run(), open };
}

export const mountGallery = (host: HTMLElement, context: Context): (() => void) =>
  gallery(host, context).dispose;
