/** The dialog of the galleries: new ones, other names, those no longer wanted. */
import type { Channel } from "../lib/channel";
import { busy, button } from "../lib/controls";
import { confirm, openDialog } from "../lib/dialog";
import { fill, h } from "../lib/dom";
import { count } from "../lib/format";
import type { Context } from "../lib/widget";
import type { GalleryChoice } from "./types";

/** `read` gives the galleries as they are; `gone` is told which one was deleted. */
export async function openGalleries(home: HTMLElement, channel: Channel, context: Context,
  read: () => Promise<readonly GalleryChoice[]>, gone: (slug: string) => void): Promise<void> {
  const { t } = context;
  const dialog = openDialog({ title: t("Galleries"), t, home });
  const list = h("ul", { class: "ol-galleries" });

  const row = (one: GalleryChoice): HTMLElement => {
    const name = h("input", { class: "ol-input ol-grow", value: one.name, maxlength: 200,
      "aria-label": t("Name of the gallery") });
    name.addEventListener("change", () => void context.attempt(async () => {
      await channel.call("rename_gallery", { gallery: one.slug, name: name.value });
    }).then(draw));
    const remove = button({ icon: "trash", label: t("Delete the gallery"), bare: true, look: "quiet",
      props: { "data-do": "delete-gallery" } });
    remove.addEventListener("click", () => void busy(remove, async () => {
      const sure = await confirm({ title: t("Delete the gallery “{gallery}”?", { gallery: one.name }), t, home },
        t("What is in it stays in the lab."), t("Delete"));
      if (!sure) return;
      await context.attempt(() => channel.call("delete_gallery", { gallery: one.slug }));
      gone(one.slug);
      await draw();
    }));
    return h("li", { class: "ol-row", "data-gallery": one.slug }, name,
      h("span", { class: "ol-muted ol-number" }, count(one.count, t.locale)), remove);
  };
  const draw = async (): Promise<void> => {
    const all = await read();
    fill(list, all.length ? all.map(row) : h("li", { class: "ol-muted" }, t("There are no galleries yet")));
  };

  const name = h("input", { class: "ol-input ol-grow", maxlength: 200, required: true,
    placeholder: t("New gallery"), "aria-label": t("New gallery") });
  const add = button({ icon: "plus", label: t("Create"), look: "main", props: { "data-do": "new-gallery" } });
  const form = h("form", { class: "ol-row" }, name, add);
  const create = (): void => {
    if (!form.reportValidity()) return;
    void busy(add, () => context.attempt(async () => {
      await channel.call("new_gallery", { name: name.value });
      name.value = "";
      await draw();
    }));
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); create(); });
  add.addEventListener("click", create);
  dialog.body.append(list, form);
  dialog.foot.append(button({ label: t("Close"), onclick: () => dialog.close() }));
  await draw();
}
