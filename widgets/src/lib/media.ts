/** Clips and sounds, brought piece by piece over the kernel's channel. */
import { blob, type Channel } from "./channel";
import { h } from "./dom";
import { bytes } from "./format";
import type { Translate } from "./i18n";
import type { Item } from "./types";

export const LARGEST_MEDIA = 200_000_000;

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
    if (item.size > LARGEST_MEDIA) {
      return say(t("This file has {size}; up to {limit} play in the page. Open {name} in the lab's folder.",
        { size: bytes(item.size, t.locale), limit: bytes(LARGEST_MEDIA, t.locale), name: item.name }));
    }
    const meter = h("progress", { "aria-label": t("Loading…"), max: 1, value: 0 });
    element.append(h("div", { class: "ol-player-note" }, meter));
    const parts: Blob[] = [];
    let at = 0;
    do {
      const { data, buffers } = await viewer.call<{ size: number; media_type: string }>("media",
        { id: item.id, offset: at });
      if (stopped) return;
      const piece = buffers[0];
      if (!piece?.byteLength) break;
      parts.push(blob(piece, data.media_type));
      at += piece.byteLength;
      meter.value = at / Math.max(1, data.size);
    } while (at < item.size);
    url = URL.createObjectURL(new Blob(parts, { type: item.media_type }));
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
