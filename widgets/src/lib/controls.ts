/** The small parts all widgets are made of. */
import { type Child, type Props, fill, h, set } from "./dom";
import { icon, type IconName } from "./icons";

export interface ButtonOptions {
  readonly icon?: IconName;
  readonly label: string;
  /** Show only the icon; the label becomes its name and tooltip. */
  readonly bare?: boolean;
  readonly look?: "plain" | "main" | "quiet" | "danger";
  readonly title?: string;
  readonly props?: Props;
  onclick?(event: MouseEvent): void;
}

export function button(options: ButtonOptions): HTMLButtonElement {
  const { label, bare, look = "plain" } = options;
  return h(
    "button",
    {
      type: "button",
      class: `ol-button ol-${look}${bare ? " ol-bare" : ""}`,
      "aria-label": label, // a narrow container hides the text
      title: options.title ?? label,
      onclick: options.onclick,
      ...options.props,
    },
    options.icon && icon(options.icon, bare ? 18 : 16),
    !bare && h("span", {}, label),
  );
}

/** Change what a button shows: its icon, label and pressed state; `name` may say more of it. */
export function relabel(node: HTMLButtonElement, symbol: IconName, label: string, pressed?: boolean,
  name = label) {
  const bare = node.classList.contains("ol-bare");
  fill(node, icon(symbol, bare ? 18 : 16), !bare && h("span", {}, label));
  set(node, { "aria-label": name, title: name });
  if (pressed !== undefined) node.setAttribute("aria-pressed", String(pressed));
}

/** Show that a button's work is under way, and keep it from being pressed twice. */
export async function busy<T>(node: HTMLButtonElement, work: () => Promise<T>): Promise<T> {
  if (node.getAttribute("aria-busy") === "true") return new Promise(() => {});
  node.setAttribute("aria-busy", "true");
  node.disabled = true;
  try {
    return await work();
  } finally {
    node.removeAttribute("aria-busy");
    node.disabled = false;
  }
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function select(
  label: string, options: readonly Option[], value: string, onchange: (value: string) => void,
): HTMLSelectElement {
  const node = h("select", {
    class: "ol-select", "aria-label": label, title: label,
    onchange: () => onchange(node.value),
  });
  setOptions(node, options, value);
  return node;
}

export function setOptions(node: HTMLSelectElement, options: readonly Option[], value: string) {
  const same = node.options.length === options.length
    && options.every((o, i) => node.options[i]?.value === o.value
      && node.options[i]?.text === o.label);
  if (!same) fill(node, options.map((o) => h("option", { value: o.value }, o.label)));
  node.value = options.some((o) => o.value === value) ? value : (options[0]?.value ?? "");
}

/** One choice of a few, as joined buttons. */
export function segmented(
  label: string,
  options: readonly (Option & { icon?: IconName })[],
  value: string,
  onchange: (value: string) => void,
): HTMLDivElement {
  const group = h("div", { class: "ol-segmented", role: "radiogroup", "aria-label": label });
  const choose = (chosen: string, focus: boolean): void => {
    for (const node of group.children as Iterable<HTMLElement> & HTMLCollection) {
      const on = (node as HTMLElement).dataset["value"] === chosen;
      node.setAttribute("aria-checked", String(on));
      (node as HTMLElement).tabIndex = on ? 0 : -1;
      if (on && focus) (node as HTMLElement).focus();
    }
  };
  for (const option of options) {
    group.append(h("button", {
      type: "button", role: "radio", class: "ol-segment", "data-value": option.value,
      title: option.label, "aria-label": option.label,
      onclick: () => { choose(option.value, false); onchange(option.value); },
    }, option.icon ? icon(option.icon, 16) : option.label));
  }
  group.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = options.findIndex((o) => o.value === currentOf(group));
    const next = options[(at + step + options.length) % options.length];
    if (next) { choose(next.value, true); onchange(next.value); }
  });
  choose(value, false);
  return group;
}

const currentOf = (group: HTMLElement): string | undefined =>
  (group.querySelector('[aria-checked="true"]') as HTMLElement | null)?.dataset["value"];

/** A labelled form row; the label wraps the control, so it names it. */
export function field(label: string, control: HTMLElement, hint: Child = null): HTMLLabelElement {
  return h("label", { class: "ol-field" }, h("span", { class: "ol-field-name" }, label), control,
    hint && h("span", { class: "ol-hint" }, hint));
}

export function toggle(
  label: string, checked: boolean, onchange: (on: boolean) => void,
): HTMLLabelElement {
  const box = h("input", {
    type: "checkbox", role: "switch", class: "ol-switch", checked, onchange: () => onchange(box.checked),
  });
  return h("label", { class: "ol-toggle" }, box, h("span", {}, label));
}

/** Whether a toggle is on. */
export const isOn = (label: HTMLLabelElement): boolean =>
  (label.firstElementChild as HTMLInputElement).checked;

/** What an empty place says: what it is for and what to do next. */
export function empty(
  name: IconName, title: string, text: Child, ...actions: Child[]
): HTMLDivElement {
  return h("div", { class: "ol-empty" }, h("div", { class: "ol-empty-icon" }, icon(name, 32)),
    h("h3", {}, title), h("p", {}, text), h("div", { class: "ol-row" }, actions));
}

export const spinner = (label: string): HTMLSpanElement =>
  h("span", { class: "ol-spinner", role: "status", "aria-label": label });

/** A bar that shows a share of a whole, 0 to 1. */
export function bar(share: number, label: string): HTMLDivElement {
  return h("div", {
    class: "ol-bar", role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-valuenow": Math.round(share * 100),
  }, h("div", { class: "ol-bar-fill", style: `width:${(share * 100).toFixed(1)}%` }));
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain http to a name other than localhost has no clipboard object.
    const area = h("textarea", { style: "position:fixed;opacity:0", value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
