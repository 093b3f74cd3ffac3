/** Files dropped on the gallery become artifacts, one after another. */
import { sendPieces } from "../camera-grid/webcam";
import type { Channel } from "../lib/channel";
import { h } from "../lib/dom";
import type { Item } from "../lib/types";
import type { Context } from "../lib/widget";

export const ACCEPT = "image/*,video/*,audio/*";

/** Bring files into the lab; what came of those that went well. */
export async function takeFiles(files: readonly File[], gallery: string | null, intake: Channel,
  context: Context, meter: HTMLElement): Promise<Item[]> {
  const { t } = context;
  const kept: Item[] = [];
  meter.hidden = false;
  for (const [n, file] of files.entries()) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
    meter.replaceChildren(h("span", { class: "ol-ellipsis ol-number" },
      `${n + 1} / ${files.length} · ${file.name}`), bar);
    await context.attempt(async () => {
      if (!file.size) throw new Error(t("{name} is empty", { name: file.name }));
      const { data } = await intake.call<{ upload: string }>("begin");
      try {
        await sendPieces(intake, data.upload, file, 0, (sent) => { bar.value = sent / file.size; });
        const done = await intake.call<Item>("finish_file",
          { upload: data.upload, name: file.name, modified_ms: file.lastModified, gallery });
        kept.push(done.data);
      } catch (error) {
        void intake.call("drop", { upload: data.upload }).catch(() => {});
        throw error;
      }
    });
  }
  meter.hidden = true;
  if (kept.length) {
    context.toaster.show({ kind: "good", text: t.n(kept.length, "{n} file added", "{n} files added") });
  }
  return kept;
}
