/** The colours of the page as a canvas needs them: read from the style sheet, anew when it changes. */
import { type Cleanup, h } from "../lib/dom";

const NAMES = {
  text: "--ol-text-2", muted: "--ol-muted", line: "--ol-line-strong", wave: "--ol-accent",
  paper: "--ol-bg", sunken: "--ol-sunken", accent: "--ol-accent-strong",
} as const;

export type Palette = Readonly<Record<keyof typeof NAMES, string>> & { readonly font: string };

/** Calls `changed` whenever the theme of the page does. */
export function palette(root: HTMLElement, cleanup: Cleanup, changed: () => void): () => Palette {
  const probe = h("span", { hidden: true });
  let known: Palette | null = null;
  const again = (): void => { known = null; changed(); };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", again);
  const watched = new MutationObserver(again);
  for (const node of [document.body, document.documentElement]) {
    watched.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-theme"] });
  }
  cleanup.add(() => watched.disconnect(), () => dark.removeEventListener("change", again));
  return () => {
    if (known) return known;
    root.append(probe); // only what is in the page has a computed style
    const found: Record<string, string> = { font: getComputedStyle(root).fontFamily };
    for (const [name, variable] of Object.entries(NAMES)) {
      probe.style.color = `var(${variable})`;
      found[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return (known = found as unknown as Palette);
  };
}
