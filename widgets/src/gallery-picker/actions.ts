/** The dialogs of the selection: where to send it, tags, galleries. */
import { busy, button, field, select } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import { h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import type { Choice } from "../lib/types";
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

export const items = (t: Translate, n: number): string => t.n(n, "{n} item", "{n} items");
