/** Modal dialogs on the browser's own <dialog>: top layer, focus kept inside, Esc closes. */
import { button } from "./controls";
import { type Child, h } from "./dom";
import type { Translate } from "./i18n";
import { settleToasts } from "./toasts";

export interface DialogOptions {
  readonly title: string;
  readonly className?: string;
  readonly t: Translate;
  /** Where it lives in the page, so that it takes the theme of its widget. */
  readonly home: HTMLElement;
  onclose?(): void;
}

export interface Dialog {
  readonly element: HTMLDialogElement;
  readonly body: HTMLDivElement;
  readonly foot: HTMLDivElement;
  close(): void;
}

export function openDialog(options: DialogOptions, ...children: Child[]): Dialog {
  const body = h("div", { class: "ol-dialog-body" }, children);
  const foot = h("div", { class: "ol-dialog-foot" });
  const element = h("dialog", {
    class: `ol ol-dialog ${options.className ?? ""}`,
    "aria-label": options.title,
    "data-lm-suppress-shortcuts": "true",
  }, h("header", { class: "ol-dialog-head" }, h("h2", {}, options.title),
    button({ icon: "close", label: options.t("Close"), bare: true, look: "quiet",
      onclick: () => element.close() })), body, foot);
  const opener = document.activeElement as HTMLElement | null;
  element.addEventListener("close", () => {
    const wasInside = element.contains(document.activeElement);
    options.onclose?.();
    element.removeAttribute("open");
    settleToasts();
    element.remove();
    if (wasInside || document.activeElement === document.body) opener?.focus?.();
  });
  // A click that starts and ends on the backdrop closes; a drag out of a field does not.
  let pressed = false;
  element.addEventListener("pointerdown", (event) => { pressed = event.target === element; });
  element.addEventListener("click", (event) => {
    if (pressed && event.target === element) element.close();
  });
  element.addEventListener("keydown", (event) => event.stopPropagation());
  options.home.append(element);
  element.showModal();
  settleToasts();
  return { element, body, foot, close: () => element.close() };
}

/** Ask before something that ends or deletes; `forGood` lets a hasty Enter cancel it. */
export function confirm(
  options: Omit<DialogOptions, "onclose"> & { readonly forGood?: boolean }, text: string, verb: string,
): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(
      { ...options, className: "ol-small", onclose: () => resolve(answer) },
      h("p", {}, text),
    );
    const cancel = button({ label: options.t("Cancel"), onclick: () => dialog.close() });
    const go = button({ label: verb, look: "danger",
      onclick: () => { answer = true; dialog.close(); } });
    dialog.foot.append(cancel, go);
    (options.forGood ? cancel : go).focus();
  });
}
