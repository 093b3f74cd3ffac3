/** Making timelapses and playing them. */
import { blob } from "../lib/channel";
import { empty, field, segmented, select, setOptions } from "../lib/controls";
import { Cleanup, debounce, fill, h, pressed } from "../lib/dom";
import { brief, playtime } from "../lib/format";
import { player } from "../lib/media";
import type { Choice, Item } from "../lib/types";
import type { Context } from "../lib/widget";
import "../lib/base.css";
import "./timelapse-maker.css";
import "../gallery-picker/full.css";
import { fileButtons } from "../gallery-picker/actions";
import { filmForm, type Source } from "./form";

interface Sized {
  readonly name: string;
  readonly title: string;
  readonly count: number;
}

interface Choices {
  readonly selected: number;
  readonly galleries: readonly Sized[];
  readonly cameras: readonly Sized[];
  readonly films: readonly Item[];
  readonly storages: readonly Choice[];
}

type Kind = "gallery" | "camera" | "selection";

export function mountTimelapse(host: HTMLElement, context: Context): () => void {
  const { t, memory } = context;
  const cleanup = new Cleanup();
  const films = context.channel("films");
  const viewer = context.channel("viewer");
  const gallery = context.channel("gallery");
  const thumbs = new Map<number, string>();
  let choices: Choices = { selected: 0, galleries: [], cameras: [], films: [], storages: [] };
  let kind = (memory.get("film-kind") as Kind | undefined) ?? "gallery";
  let playing: { id: number; stop(): void } | null = null;

  const which = select(t("Source"), [], "", () => choose());
  const kinds = segmented(t("Frames from"), [
    { value: "gallery", label: t("Gallery") }, { value: "camera", label: t("Camera") },
    { value: "selection", label: t("Selection") },
  ], kind, (value) => { kind = value as Kind; memory.set("film-kind", value); choose(); });
  const whichField = field(t("Source"), which);
  const form = filmForm(context, (id) => {
    void load().then(() => play(choices.films.find((one) => one.id === id) ?? null));
  });
  const screen = h("div", { class: "ol-film-screen" });
  const tools = h("div", { class: "ol-row ol-film-tools" });
  const list = h("div", { class: "ol-films" });
  const root = h("section", { class: "ol-timelapse", "aria-label": t("Timelapse") },
    h("div", { class: "ol-bar-top" }, h("h2", {}, t("Timelapse"))),
    h("div", { class: "ol-film-layout" },
      h("div", { class: "ol-film-left" },
        h("div", { class: "ol-film-source" }, kinds, whichField), form.element, form.make),
      h("div", { class: "ol-film-right" }, screen, tools, list)));
  host.append(root);

  function choose(): void {
    const of = kind === "camera" ? choices.cameras : choices.galleries;
    whichField.hidden = kind === "selection";
    setOptions(which, of.map((one) => ({ value: one.name,
      label: `${one.title} (${one.count})` })), which.value);
    let source: Source = { selection: true };
    let title = t("Selection");
    if (kind !== "selection") {
      source = which.value ? { [kind]: which.value } : { selection: true };
      title = of.find((one) => one.name === which.value)?.title ?? "";
    }
    form.setSource(source, title);
  }

  async function load(): Promise<void> {
    await context.attempt(async () => {
      choices = (await films.call<Choices>("choices")).data;
      if (kind === "gallery" && !choices.galleries.length && choices.cameras.length && !memory.has("film-kind")) {
        (kinds.querySelector('[data-value="camera"]') as HTMLElement).click();
      }
      choose();
      drawList();
      const missing = choices.films.map((one) => one.id).filter((id) => !thumbs.has(id));
      if (!missing.length) return;
      const { data, buffers } = await gallery.call<{ ids: number[] }>("thumbs", { ids: missing });
      data.ids.forEach((id, i) => {
        const buffer = buffers[i];
        if (buffer?.byteLength) thumbs.set(id, URL.createObjectURL(blob(buffer, "image/jpeg")));
      });
      drawList();
    });
  }

  function drawList(): void {
    if (pressed(list)) return void requestAnimationFrame(drawList);
    fill(list, choices.films.map((film) => {
      const thumb = thumbs.get(film.id);
      return h("button", { type: "button", class: "ol-film", "data-id": film.id,
        "aria-current": playing?.id === film.id ? "true" : null, onclick: () => play(film) },
        thumb ? h("img", { src: thumb, alt: "" }) : h("div", { class: "ol-film-blank" }),
        h("span", { class: "ol-ellipsis" }, film.name),
        h("span", { class: "ol-muted ol-number" }, `${brief(film.at, t.locale)} · ${
          film.duration_s === null ? "" : playtime(film.duration_s, t.locale)}`));
    }));
    if (!playing) {
      fill(screen, empty("film", t("No film is playing"), choices.films.length
        ? t("Choose a film below, or make a new one.")
        : t("Choose where the frames come from, then press “Make timelapse”.")));
    }
  }

  function play(film: Item | null): void {
    playing?.stop();
    playing = null;
    fill(tools);
    if (film) {
      const made = player(viewer, film, t);
      playing = { id: film.id, stop: made.stop };
      fill(screen, made.element);
      fill(tools, fileButtons(root, viewer, film, choices.storages, context));
      void made.ready.then(() => {
        const video = made.element.querySelector("video");
        if (video) { video.muted = true; void video.play().catch(() => {}); }
      });
    }
    drawList();
  }

  cleanup.add(films.on("changed", debounce(800, () => void load())));
  cleanup.add(() => form.dispose(), () => playing?.stop(),
    () => { for (const url of thumbs.values()) URL.revokeObjectURL(url); }, () => root.remove());
  void load();
  return () => cleanup.run();
}
