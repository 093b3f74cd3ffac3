/** What can be done with what was captured: where to send it, tags, galleries, saving it. */
import { busy, button, field, select } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import type { Channel } from "../lib/channel";
import { h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import { save } from "../lib/media";
import type { Choice, Item } from "../lib/types";
import type { Context } from "../lib/widget";

/** Ask for one choice of several, then act; problems stay in the dialog's toasts. */
export function askChoice(home: HTMLElement, context: Context, texts: {
  title: string; label: string; verb: string; hint?: string; none: string;
}, choices: readonly Choice[], act: (name: string) => Promise<void>): void {
  const { t } = context;
  const dialog = openDialog({ title: texts.title, t, home, className: "ol-small" });
  if (!choices.length) {
    dialog.body.append(h("p", {}, texts.none));
    dialog.foot.append(button({ label: t("Close"), onclick: () => dialog.close() }));
    return;
  }
  const pick = select(texts.label, choices.map((one) => ({ value: one.name, label: one.title })),
    choices[0]!.name, () => {});
  const go = button({ label: texts.verb, look: "main", props: { "data-do": "go" } });
  go.addEventListener("click", () => void busy(go, () => context.attempt(async () => {
    await act(pick.value);
    dialog.close();
  })));
  dialog.body.append(h("div", { class: "ol-form" }, field(texts.label, pick, texts.hint)));
  dialog.foot.append(button({ label: t("Cancel"), onclick: () => dialog.close() }), go);
  pick.focus();
}

/** Ask for a word or several, with what there is already on offer. */
export function askText(home: HTMLElement, context: Context, texts: {
  title: string; label: string; verb: string; hint?: string;
}, known: readonly string[], act: (text: string) => Promise<void>): void {
  const { t } = context;
  const dialog = openDialog({ title: texts.title, t, home, className: "ol-small" });
  const id = `ol-known-${Math.random().toString(36).slice(2)}`;
  const input = h("input", { class: "ol-input", list: id, required: true, maxlength: 200,
    autocomplete: "off" });
  const go = button({ label: texts.verb, look: "main", props: { "data-do": "go" } });
  const form = h("form", { class: "ol-form" }, field(texts.label, input, texts.hint),
    h("datalist", { id }, known.map((value) => h("option", { value }))),
    h("button", { hidden: true, type: "submit" }));
  const submit = (): void => {
    if (!form.reportValidity()) return;
    void busy(go, () => context.attempt(async () => {
      await act(input.value.trim());
      dialog.close();
    }));
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  go.addEventListener("click", submit);
  dialog.body.append(form);
  dialog.foot.append(button({ label: t("Cancel"), onclick: () => dialog.close() }), go);
  input.focus();
}

/** Saves an item's file, and sends it to a storage that is asked for; `sent` is told of that. */
export function fileButtons(home: HTMLElement, viewer: Channel, item: Item,
  storages: readonly Choice[], context: Context, sent: () => void = () => {}): HTMLButtonElement[] {
  const { t, toaster } = context;
  const keep = button({ icon: "download", label: t("Save the file"), props: { "data-do": "save" } });
  keep.addEventListener("click", () =>
    void busy(keep, () => context.attempt(() => save(viewer, item, t))));
  const send = button({ icon: "send", label: t("Send to storage"), props: { "data-do": "send" },
    onclick: () => askChoice(home, context, {
      title: t("Send {items} to a storage", { items: item.name }), label: t("Storage"), verb: t("Send"),
      hint: t("Files are kept there under their CID and can be fetched and proven unchanged."),
      none: t("No storage is registered. Add one with octolab.register_storage(…)."),
    }, storages, async (storage) => {
      const { data } = await viewer.call<{ pin: { state: string; detail: string } }>("publish",
        { id: item.id, storage });
      if (data.pin.state === "failed") throw new Error(data.pin.detail);
      toaster.show({ kind: "good", text: t("Sent to {storage}: {items}", { storage, items: item.name }) });
      sent();
    }) });
  return [keep, send];
}

export const items = (t: Translate, n: number): string => t.n(n, "{n} item", "{n} items");
