/** Asking for a label right where the box is, with those in use to choose from. */
import { h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import type { Rect } from "./boxes";

const MOST = 6;

/** Labels in use that fit what was typed: those that begin so first. */
export function suggest(labels: readonly string[], typed: string, most = MOST): string[] {
  const text = typed.trim().toLowerCase();
  const rank = (label: string): number => label.toLowerCase().indexOf(text);
  return labels.filter((label) => rank(label) >= 0 && label.toLowerCase() !== text)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0) || a.localeCompare(b)).slice(0, most);
}

export interface LabelQuestion {
  readonly home: HTMLElement;
  readonly t: Translate;
  /** Where the box lies in `home`. */
  readonly rect: Rect;
  readonly value: string;
  readonly labels: readonly string[];
  done(label: string): void;
  closed(): void;
}

/** Open the field; Enter or leaving it keeps the label, Esc does not. The function closes it. */
export function askLabel(question: LabelQuestion): () => void {
  const { home, t, rect, labels } = question;
  const input = h("input", { class: "ol-input", value: question.value, maxlength: 200, placeholder: t("Label"),
    "aria-label": t("Label"), autocomplete: "off", enterkeyhint: "done" });
  const list = h("div", { class: "ol-label-list", role: "listbox", "aria-label": t("Labels in use") });
  const element = h("div", { class: "ol-label", role: "group", "aria-label": t("Label") }, input, list);
  let chosen = -1;
  let open = true;
  const close = (keep: boolean): void => {
    if (!open) return;
    open = false;
    element.remove();
    if (keep && input.value.trim() !== question.value) question.done(input.value.trim());
    question.closed();
  };
  const fillList = (): void => {
    chosen = -1;
    list.replaceChildren(...suggest(labels, input.value === question.value ? "" : input.value).map((label) =>
      h("button", { type: "button", class: "ol-label-option", role: "option", tabindex: -1, "aria-selected": "false",
        onpointerdown: (event: Event) => event.preventDefault(),
        onclick: () => { input.value = label; close(true); } }, label)));
    list.hidden = !list.childElementCount;
  };
  const choose = (by: number): void => {
    const options = [...list.children] as HTMLElement[];
    if (!options.length) return;
    chosen = (chosen + by + options.length) % options.length;
    options.forEach((node, i) => node.setAttribute("aria-selected", String(i === chosen)));
    input.value = options[chosen]!.textContent ?? "";
  };
  input.addEventListener("input", fillList);
  input.addEventListener("blur", () => close(true));
  element.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") close(true);
    else if (event.key === "Escape") close(false);
    else if (event.key === "ArrowDown") { event.preventDefault(); choose(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(-1); }
  });
  for (const kind of ["pointerdown", "dblclick", "wheel"]) {
    element.addEventListener(kind, (event) => event.stopPropagation()); // they are not meant for the picture
  }
  fillList();
  home.append(element);
  const x = Math.min(Math.max(rect.x, 4), Math.max(4, home.clientWidth - element.offsetWidth - 4));
  const below = rect.y + rect.h + 6;
  const y = below + element.offsetHeight < home.clientHeight ? below
    : Math.max(4, Math.min(rect.y, home.clientHeight) - element.offsetHeight - 6);
  element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  input.focus({ preventScroll: true });
  input.select();
  return () => close(false);
}
