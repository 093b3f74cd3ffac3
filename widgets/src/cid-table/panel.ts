/** The CIDs of the lab: what they are, what was written about them, where they are kept. */
import { button, busy, copyText, empty, select } from "../lib/controls";
import { Cleanup, debounce, fill, h, pressed } from "../lib/dom";
import { brief, bytes, count, moment, shortCid } from "../lib/format";
import { icon } from "../lib/icons";
import { Lru } from "../lib/lru";
import type { Choice, Item, Kind } from "../lib/types";
import { blocks, layout, offsetAt, visible } from "../lib/virtual";
import type { Context } from "../lib/widget";
import { askChoice } from "../gallery-picker/actions";
import { alone, openFull } from "../gallery-picker/full";
import "../lib/base.css";
import "../lib/table.css";
import "../lib/findings.css";
import "./cid-table.css";

interface Pin {
  readonly storage: string;
  readonly state: "queued" | "pinning" | "pinned" | "failed";
  readonly detail: string;
}

interface Row {
  readonly cid: string;
  readonly kind: Kind;
  readonly count: number;
  readonly size: number;
  readonly captured_at: string;
  readonly artifact_id: number;
  readonly note: string;
  readonly pins: readonly Pin[];
}

const ROW = 46;
const BLOCK = 100;
const COLUMNS = [
  { key: "cid", sort: "cid", width: "minmax(150px, 1.1fr)" },
  { key: "kind", sort: "kind", width: "84px" },
  { key: "size", sort: "size", width: "84px" },
  { key: "at", sort: "at", width: "132px" },
  { key: "note", sort: "note", width: "minmax(120px, 1.6fr)" },
  { key: "pins", sort: "pins", width: "minmax(110px, 1fr)" },
] as const;

export function mountCids(host: HTMLElement, context: Context): () => void {
  const { t, memory, toaster } = context;
  const cleanup = new Cleanup();
  const channel = context.channel("cids");
  const viewer = context.channel("viewer");
  const pages = new Lru<number, readonly Row[]>(60);
  const asked = new Set<number>();
  let generation = 0;
  let total = 0;
  let storages: readonly Choice[] = [];
  let sort = String(memory.get("cid-sort") ?? "at");
  let descending = (memory.get("cid-desc") as boolean | undefined) ?? true;
  let pins = "any";
  let frame = 0;

  const names: Record<(typeof COLUMNS)[number]["key"], string> = {
    cid: "CID", kind: t("Kind"), size: t("Size"), at: t("Captured"), note: t("Note"), pins: t("Kept at"),
  };
  const search = h("input", { class: "ol-input", type: "search", "aria-label": t("Search"),
    placeholder: t("Search CIDs, notes, names"), value: String(memory.get("cid-text") ?? "") });
  search.addEventListener("input", debounce(250, () => {
    memory.set("cid-text", search.value);
    scroller.scrollTop = 0;
    void load();
  }));
  const state = select(t("State"), [
    { value: "any", label: t("Any state") }, { value: "none", label: t("Only in this lab") },
    { value: "pinned", label: t("pinned") }, { value: "pinning", label: t("pinning") },
    { value: "queued", label: t("queued") }, { value: "failed", label: t("failed") },
  ], pins, (value) => { pins = value; scroller.scrollTop = 0; void load(); });
  const sum = h("span", { class: "ol-muted ol-number", "aria-live": "polite" });
  const head = h("div", { class: "ol-cid-row ol-cid-head", role: "row" });
  const canvas = h("div", { class: "ol-canvas", role: "rowgroup" });
  const scroller = h("div", { class: "ol-cid-scroll", tabindex: -1 }, canvas);
  const blank = h("div", { hidden: true });
  const table = h("div", { class: "ol-cid-table", role: "table", "aria-label": t("CIDs") },
    h("div", { role: "rowgroup" }, head), scroller);
  const root = h("section", { class: "ol-cids", "aria-label": t("CIDs") },
    h("div", { class: "ol-bar-top" }, h("h2", {}, t("CIDs")), sum, h("div", { class: "ol-grow" }),
      h("div", { class: "ol-search" }, icon("search", 16), search), state), table, blank);
  root.style.setProperty("--ol-cid-columns", `${COLUMNS.map((c) => c.width).join(" ")} 76px`);
  host.append(root);

  function drawHead(): void {
    fill(head, COLUMNS.map((column) => {
      const on = sort === column.sort;
      return h("div", { role: "columnheader", class: `ol-cell ol-cell-${column.key}`,
        "aria-sort": on ? (descending ? "descending" : "ascending") : "none" },
      h("button", { type: "button", class: "ol-sort", onclick: () => {
        descending = on ? !descending : column.sort === "at" || column.sort === "size" || column.sort === "pins";
        sort = column.sort;
        memory.set("cid-sort", sort);
        memory.set("cid-desc", descending);
        drawHead();
        (head.querySelector(`.ol-cell-${column.key} button`) as HTMLElement).focus();
        void load();
      } }, names[column.key], on && h("span", { class: `ol-arrow${descending ? " ol-turned" : ""}` }, icon("down", 12))));
    }), h("div", { role: "columnheader", class: "ol-cell" }, h("span", { class: "ol-hidden-text" }, t("Actions"))));
  }

  async function load(): Promise<void> {
    await context.attempt(async () => {
      const mine = (generation += 1);
      const { data } = await channel.call<{ total: number; bytes: number; storages: Choice[] }>("query",
        { text: search.value, sort, descending, pins });
      if (mine !== generation) return;
      total = data.total;
      storages = data.storages;
      pages.clear();
      asked.clear();
      sum.textContent = `${count(total, t.locale)} · ${bytes(data.bytes, t.locale)}`;
      blank.hidden = total > 0;
      table.hidden = total === 0;
      if (!total) {
        fill(blank, search.value || pins !== "any"
          ? empty("search", t("Nothing matches"), t("Search for something else, or show any state."))
          : empty("hash", t("No CIDs yet"), t("Everything captured gets its true IPFS CID. Take a still, or add files to the gallery."),
            context.go && button({ icon: "camera", label: t("Go to the cameras"), look: "main", onclick: () => context.go!("cameras") })));
      }
      draw();
    });
  }

  const shape = () => layout({ mode: "grid", count: total, width: 100, height: scroller.clientHeight,
    tileWidth: 100, tileHeight: ROW, gap: 0 });

  async function page(block: number): Promise<void> {
    if (asked.has(block)) return;
    asked.add(block);
    const mine = generation;
    await context.attempt(async () => {
      const { data } = await channel.call<{ rows: Row[] }>("page", { offset: block * BLOCK, limit: BLOCK });
      if (mine !== generation) return;
      pages.set(block, data.rows);
      draw();
    });
  }

  function draw(): void {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (pressed(canvas)) return draw();
      const l = shape();
      canvas.style.height = `${l.boxSize}px`;
      const window = visible(l, scroller.scrollTop, 200);
      for (const block of blocks(window, BLOCK)) if (!pages.has(block)) void page(block);
      if (canvas.contains(document.activeElement)
        && (document.activeElement as HTMLElement).matches("input")) return;
      const shift = scroller.scrollTop - offsetAt(l, scroller.scrollTop);
      const rows: HTMLElement[] = [];
      for (let i = window.first; i < window.last; i++) {
        const row = pages.get(Math.floor(i / BLOCK))?.[i % BLOCK];
        const node = row ? drawRow(row) : h("div", { class: "ol-cid-row", role: "row" });
        node.setAttribute("aria-rowindex", String(i + 2));
        node.style.transform = `translateY(${i * ROW + shift}px)`;
        rows.push(node);
      }
      const focus = (document.activeElement as HTMLElement | null)?.dataset["focus"];
      canvas.replaceChildren(...rows);
      if (focus) canvas.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    });
    table.setAttribute("aria-rowcount", String(total + 1));
  }

  function drawRow(row: Row): HTMLElement {
    const kinds: Record<Kind, string> = { frame: t("Frame"), clip: t("Clip"), sound: t("Sound") };
    const note = h("input", { class: "ol-input ol-note", value: row.note, placeholder: t("Write a note"),
      "aria-label": t("Note"), "data-focus": `note-${row.cid}` });
    const keep = (): void => {
      if (note.value === row.note) return;
      const text = note.value;
      (row as { note: string }).note = text;
      void context.attempt(async () => {
        await channel.call("note", { cid: row.cid, text });
        toaster.show({ kind: "good", text: t("Note kept") });
      });
    };
    note.addEventListener("blur", keep);
    note.addEventListener("keydown", (event) => {
      if (event.key === "Enter") note.blur();
      if (event.key === "Escape") { note.value = row.note; note.blur(); }
    });
    const copy = button({ icon: "copy", label: t("Copy CID"), bare: true, look: "quiet",
      props: { "data-focus": `copy-${row.cid}`, "data-do": "copy-cid" } });
    copy.addEventListener("click", () => void copyText(row.cid).then((done) => toaster.show(done
      ? { kind: "good", text: t("CID copied") }
      : { kind: "error", text: t("The browser does not let us copy; select the text instead") })));
    const send = button({ icon: "send", label: t("Send to storage"), bare: true, look: "quiet",
      props: { "data-focus": `send-${row.cid}`, "data-do": "send" } });
    send.addEventListener("click", () => askChoice(root, context, {
      title: t("Send {cid} to a storage", { cid: shortCid(row.cid) }), label: t("Storage"), verb: t("Send"),
      none: t("No storage is registered. Add one with octolab.register_storage(…)."),
    }, storages, async (storage) => {
      const { data } = await channel.call<{ pin: Pin }>("publish", { cid: row.cid, storage });
      if (data.pin.state === "failed") throw new Error(data.pin.detail);
      toaster.show({ kind: "good", text: t("Sent to {storage}: {items}", { storage, items: shortCid(row.cid) }) });
      await load();
    }));
    const show = h("button", { type: "button", class: "ol-cid-link", title: row.cid,
      "data-focus": `open-${row.cid}` }, h("code", {}, root.clientWidth < 560 ? shortCid(row.cid, 8, 4) : shortCid(row.cid, 12, 6)));
    show.addEventListener("click", () => void busy(show, () => context.attempt(async () => {
      const { data } = await viewer.call<{ item: Item }>("detail", { id: row.artifact_id });
      openFull(root, context, alone(data.item));
    })));
    const cell = (key: string, ...children: Parameters<typeof fill>[1][]): HTMLElement =>
      h("div", { role: "cell", class: `ol-cell ol-cell-${key}` }, children);
    return h("div", { class: "ol-cid-row", role: "row", "data-cid": row.cid },
      cell("cid", show, row.count > 1 && h("span", { class: "ol-muted ol-number" }, `×${row.count}`)),
      cell("kind", kinds[row.kind]), cell("size", h("span", { class: "ol-number" }, bytes(row.size, t.locale))),
      cell("at", h("span", { class: "ol-number ol-ellipsis", title: moment(row.captured_at, t.locale) }, brief(row.captured_at, t.locale))),
      cell("note", note),
      cell("pins", row.pins.length
        ? row.pins.map((pin) => h("span", { class: `ol-chip ol-pin-${pin.state}`, title: `${t(pin.state)}${pin.detail ? `: ${pin.detail}` : ""}` },
          h("i", {}), h("span", { class: "ol-ellipsis" }, pin.storage), h("span", { class: "ol-hidden-text" }, t(pin.state))))
        : h("span", { class: "ol-muted" }, t("this lab"))),
      cell("tools", copy, send));
  }

  scroller.addEventListener("scroll", draw, { passive: true });
  const sized = new ResizeObserver(draw);
  sized.observe(scroller);
  cleanup.add(channel.on("changed", debounce(500, () => void load())));
  cleanup.add(() => sized.disconnect(), () => cancelAnimationFrame(frame), () => root.remove());
  drawHead();
  void load();
  return () => cleanup.run();
}
