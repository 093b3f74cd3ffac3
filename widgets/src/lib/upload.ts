/** Bytes from the page into the lab: piece by piece, with the moment they are of. */
import type { Channel } from "./channel";
import { h } from "./dom";
import type { Item } from "./types";
import type { Context } from "./widget";

export const ACCEPT = "image/*,video/*,audio/*";
const CHUNK = 2_000_000;

/** How far the page's clock is from the kernel's, measured over one round trip. */
export interface ClockOffset {
  readonly offset_ms: number;
  readonly uncertainty_s: number;
}

export function clockOffset(sent: number, there: number, received: number): ClockOffset {
  return {
    offset_ms: there - (sent + received) / 2,
    uncertainty_s: Math.max(0, received - sent) / 2000,
  };
}

/** Ask the kernel for the time. */
export async function readClock(intake: Channel): Promise<ClockOffset> {
  const sent = Date.now();
  const { data } = await intake.call<{ now_ms: number }>("clock");
  return clockOffset(sent, data.now_ms, Date.now());
}

/** Send a blob in pieces that fit the server's limit for one message; the new offset. */
export async function sendPieces(
  intake: Channel, upload: string, data: Blob, offset: number,
  progress: (sent: number) => void = () => {},
): Promise<number> {
  for (let at = 0; at < data.size; at += CHUNK) {
    const piece = await data.slice(at, at + CHUNK).arrayBuffer();
    await intake.call("piece", { upload, offset: offset + at }, [piece]);
    progress(offset + at + piece.byteLength);
  }
  return offset + data.size;
}

/** Bring files into the lab, one after another; what came of those that went well. */
export async function takeFiles(files: readonly File[], gallery: string | null, intake: Channel,
  context: Context, meter: HTMLElement): Promise<Item[]> {
  const { t } = context;
  const kept: Item[] = [];
  const failed: unknown[] = [];
  meter.hidden = false;
  for (const [n, file] of files.entries()) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
    meter.replaceChildren(h("span", { class: "ol-ellipsis ol-number" },
      `${n + 1} / ${files.length} · ${file.name}`), bar);
    try {
      kept.push(await takeFile(file, gallery, intake, context, (share) => { bar.value = share; }));
    } catch (error) {
      failed.push(error);
    }
  }
  meter.hidden = true;
  const [first] = failed;
  if (failed.length > 1) {
    context.toaster.error(t("{n} of {total} files could not be added: {error}", { n: failed.length,
      total: files.length, error: first instanceof Error ? first.message : String(first) }));
  } else if (failed.length) await context.attempt(() => Promise.reject(first));
  if (kept.length) {
    context.toaster.show({ kind: "good", text: t.n(kept.length, "{n} file added", "{n} files added") });
  }
  return kept;
}

async function takeFile(file: File, gallery: string | null, intake: Channel, { t }: Context,
  progress: (share: number) => void): Promise<Item> {
  if (!file.size) throw new Error(t("{name} is empty", { name: file.name }));
  const { data } = await intake.call<{ upload: string }>("begin");
  try {
    await sendPieces(intake, data.upload, file, 0, (sent) => progress(sent / file.size));
    const done = await intake.call<Item>("finish_file",
      { upload: data.upload, name: file.name, modified_ms: file.lastModified, gallery });
    return done.data;
  } catch (error) {
    void intake.call("drop", { upload: data.upload }).catch(() => {});
    throw error;
  }
}
