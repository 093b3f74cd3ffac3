/** Files of the lab, brought piece by piece over the kernel's channel: to play, to save. */
import { blob, type Channel } from "./channel";
import { h } from "./dom";
import { bytes } from "./format";
import type { Translate } from "./i18n";
import type { Item } from "./types";

export const LARGEST_MEDIA = 200_000_000;

/** The bytes of a file; undefined when it is no longer `wanted`. */
async function bring(viewer: Channel, item: Item, t: Translate, wanted: () => boolean,
  progress: (share: number) => void): Promise<Blob | undefined> {
  if (item.size > LARGEST_MEDIA) {
    throw new Error(t("This file has {size}; up to {limit} play in the page. Open {name} in the lab's folder.",
      { size: bytes(item.size, t.locale), limit: bytes(LARGEST_MEDIA, t.locale), name: item.name }));
  }
  const parts: Blob[] = [];
  let at = 0;
  do {
    const { data, buffers } = await viewer.call<{ size: number; media_type: string }>("media",
      { id: item.id, offset: at });
    if (!wanted()) return undefined;
    const piece = buffers[0];
    if (!piece?.byteLength) break;
    parts.push(blob(piece, data.media_type));
    at += piece.byteLength;
    progress(at / Math.max(1, data.size));
  } while (at < item.size);
  return new Blob(parts, { type: item.media_type });
}

/** Let the browser keep bytes as a file. */
export function keep(data: Blob, name: string): void {
  const url = URL.createObjectURL(data);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Let the browser keep the file of an item. */
export async function save(viewer: Channel, item: Item, t: Translate): Promise<void> {
  const data = await bring(viewer, item, t, () => true, () => {});
  if (data) keep(data, fileName(item));
}

/** What a saved file is called: its name, with the ending of its kind when it has none. */
export function fileName(item: Pick<Item, "name" | "media_type">): string {
  const name = item.name.split(/[\\/]/).at(-1)!;
  if (/\.\w{2,5}$/.test(name)) return name;
  const kind = item.media_type.split("/").at(-1)!.replace(/^x-/, "");
  return `${name}.${({ jpeg: "jpg", matroska: "mkv" } as Record<string, string>)[kind] ?? kind}`;
}

/** A player for a clip or a sound; `stop` ends its loading and frees its bytes. */
export function player(viewer: Channel, item: Item, t: Translate):
{ element: HTMLElement; ready: Promise<void>; stop(): void } {
  const element = h("div", { class: "ol-player" });
  let stopped = false;
  let url = "";
  const say = (text: string): void => {
    element.replaceChildren(h("p", { class: "ol-muted ol-player-note" }, text));
  };
  const load = async (): Promise<void> => {
    const meter = h("progress", { "aria-label": t("Loading…"), max: 1, value: 0 });
    element.append(h("div", { class: "ol-player-note" }, meter));
    const data = await bring(viewer, item, t, () => !stopped, (share) => { meter.value = share; });
    if (!data) return;
    url = URL.createObjectURL(data);
    const media = item.kind === "clip"
      ? h("video", { src: url, controls: true, playsinline: true, loop: true, "aria-label": item.name })
      : h("audio", { src: url, controls: true, "aria-label": item.name });
    media.addEventListener("error", () => say(t("This browser can't play {type}", { type: item.media_type })));
    media.addEventListener("loadedmetadata", () => {
      // A codec the browser lacks "plays" without a picture.
      if (media instanceof HTMLVideoElement && !media.videoWidth) {
        say(t("This browser can't show the picture of {type}", { type: item.media_type }));
      }
    });
    element.replaceChildren(media);
  };
  const ready = load().catch((error: Error) => { if (!stopped) say(error.message); });
  return {
    element, ready,
    stop: () => {
      stopped = true;
      element.querySelector("video, audio")?.removeAttribute("src");
      if (url) URL.revokeObjectURL(url);
    },
  };
}
