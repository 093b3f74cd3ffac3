/** Building DOM trees: `h("button", { class: "x", onclick: f }, "text")`. */

export type Child = Node | string | number | null | undefined | false | readonly Child[];
export type Props = Readonly<Record<string, unknown>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  set(node, props);
  add(node, children);
  return node;
}

/** Set attributes, properties and `on…` listeners. */
export function set(node: HTMLElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on") && typeof value === "function") {
      node.addEventListener(name.slice(2), value as EventListener);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") {
      (node as unknown as Record<string, unknown>)[name] = value;
    } else if (value === false || value === null || value === undefined) {
      node.removeAttribute(name);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

function add(node: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(node, child as Child[]);
    else node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace what is in a node. */
export function fill(node: HTMLElement, ...children: Child[]): void {
  node.replaceChildren();
  add(node, children);
}

/** Whether something in a node is being pressed; were it replaced now, its click would be lost. */
export const pressed = (node: HTMLElement): boolean => node.matches(":active");

/** Collects what must be undone when a view goes away. */
export class Cleanup {
  private readonly tasks: (() => void)[] = [];

  add(...tasks: (() => void)[]): void {
    this.tasks.push(...tasks);
  }

  listen(target: EventTarget, type: string, listener: (event: never) => void): void {
    target.addEventListener(type, listener as EventListener);
    this.add(() => target.removeEventListener(type, listener as EventListener));
  }

  every(ms: number, task: () => void): void {
    const timer = setInterval(task, ms);
    this.add(() => clearInterval(timer));
  }

  run(): void {
    for (const task of this.tasks.splice(0).reverse()) task();
  }
}

/** Call `task` once the calls have paused for `ms`. */
export function debounce<A extends unknown[]>(ms: number, task: (...args: A) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (...args: A): void => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...args), ms);
  };
  later.cancel = (): void => clearTimeout(timer);
  return later;
}

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
