/** All panels in one place: a menu on the left that hides, a tab for each. */
import { mountCameras } from "../camera-grid/panel";
import { mountCids } from "../cid-table/panel";
import { gallery, type GalleryView } from "../gallery-picker/panel";
import { button, relabel } from "../lib/controls";
import { Cleanup, fill, h } from "../lib/dom";
import { icon, type IconName } from "../lib/icons";
import type { Language } from "../lib/i18n";
import { chooseLanguage, store, stored } from "../lib/page";
import type { Item } from "../lib/types";
import { type Context, widget } from "../lib/widget";
import { mountLog } from "../log-console/panel";
import { Sounds } from "../spectrogram-viewer/panel";
import { mountTimelapse } from "../timelapse-maker/panel";
import "../lib/base.css";
import "./workbench.css";

type TabName = "cameras" | "gallery" | "timelapse" | "sounds" | "cids" | "log";

interface Tab {
  readonly name: TabName;
  readonly icon: IconName;
  readonly title: string;
  mount(host: HTMLElement, context: Context): () => void;
}

const MENU_KEY = "octolab.menu";

function mount(root: HTMLElement, context: Context): () => void {
  const { t, model, memory } = context;
  const cleanup = new Cleanup();
  let galleryView: GalleryView | null = null;
  let sounds: Sounds | null = null;

  context.go = (tab, detail) => go(tab as TabName, detail);
  const tabs: readonly Tab[] = [
    { name: "cameras", icon: "camera", title: t("Cameras"), mount: mountCameras },
    { name: "gallery", icon: "gallery", title: t("Gallery"), mount: (host, with_) => {
      galleryView = gallery(host, with_);
      return () => { galleryView?.dispose(); galleryView = null; };
    } },
    { name: "timelapse", icon: "film", title: t("Timelapse"), mount: mountTimelapse },
    { name: "sounds", icon: "sound", title: t("Sounds"), mount: (host, with_) => {
      sounds = new Sounds(host, with_);
      return () => { sounds?.dispose(); sounds = null; };
    } },
    { name: "cids", icon: "hash", title: t("CIDs"), mount: mountCids },
    { name: "log", icon: "log", title: t("Log"), mount: mountLog },
  ];
  let current: TabName | null = null;
  let narrow = (stored(MENU_KEY) ?? "open") === "hidden";
  const mounted = new Map<TabName, { host: HTMLElement; dispose: () => void }>();

  const buttons = new Map<TabName, HTMLButtonElement>();
  const menuList = h("div", { class: "ol-menu-tabs", role: "tablist", "aria-orientation": "vertical",
    "aria-label": t("Workbench") });
  for (const tab of tabs) {
    const node = h("button", { type: "button", role: "tab", class: "ol-menu-tab", id: `ol-tab-${tab.name}`,
      "data-tab": tab.name, title: tab.title, onclick: () => go(tab.name) },
    icon(tab.icon, 20), h("span", {}, tab.title));
    buttons.set(tab.name, node);
    menuList.append(node);
  }
  menuList.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    const at = tabs.findIndex((tab) => tab.name === current);
    const to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1
      : step ? (at + step + tabs.length) % tabs.length : -1;
    const next = tabs[to];
    if (!next) return;
    event.preventDefault();
    go(next.name);
    buttons.get(next.name)?.focus();
  });

  const hide = button({ icon: "menu", label: t("Hide the menu"), bare: true, look: "quiet",
    props: { class: "ol-button ol-quiet ol-bare ol-menu-hide" }, onclick: () => {
      narrow = !narrow;
      store(MENU_KEY, narrow ? "hidden" : "open");
      arrange();
    } });
  const other: Language = t.language === "en" ? "ru" : "en";
  const tongue = h("button", { type: "button", class: "ol-menu-tab ol-language", lang: other,
    title: t.language === "en" ? "Русский" : "English",
    onclick: () => chooseLanguage(other) }, icon("globe", 20), h("span", {}, t.language === "en" ? "Русский" : "English"));
  const menu = h("nav", { class: "ol-menu", "aria-label": t("Workbench") },
    h("header", { class: "ol-menu-head" },
      h("div", { class: "ol-brand" }, h("strong", {}, "OctoLab"),
        h("span", { class: "ol-muted ol-ellipsis", title: String(model.get("lab_name") ?? "") },
          String(model.get("lab_name") ?? ""))), hide),
    menuList, h("div", { class: "ol-grow" }), tongue);
  const main = h("main", { class: "ol-main-area" });
  const shell = h("div", { class: "ol-workbench" }, menu, main);
  root.append(shell);

  function arrange(): void {
    shell.classList.toggle("ol-menu-narrow", narrow);
    relabel(hide, "menu", narrow ? t("Show the menu") : t("Hide the menu"));
    hide.setAttribute("aria-expanded", String(!narrow));
  }

  function go(name: TabName, detail?: unknown): void {
    if (name !== current) {
      const before = current && mounted.get(current);
      if (before) before.host.hidden = true;
      current = name;
      memory.set("tab", name);
      for (const [tab, node] of buttons) {
        node.setAttribute("aria-selected", String(tab === name));
        node.tabIndex = tab === name ? 0 : -1;
      }
      let place = mounted.get(name);
      if (!place) {
        const host = h("div", { class: "ol-tab", role: "tabpanel", "aria-labelledby": `ol-tab-${name}`,
          "data-panel": name });
        main.append(host);
        const tab = tabs.find((one) => one.name === name)!;
        place = { host, dispose: tab.mount(host, context) };
        mounted.set(name, place);
      }
      place.host.hidden = false;
    }
    const item = (detail as { open?: Item } | undefined)?.open;
    if (name === "gallery" && item) galleryView?.open(item);
    if (name === "sounds" && item) void sounds?.open(item.id);
  }

  const size = (): void => {
    const given = String(model.get("height") ?? "");
    shell.style.height = given;
    shell.classList.toggle("ol-page", !given && document.body.dataset["voila"] !== undefined);
  };
  size();
  model.on("change:height", size as never);
  cleanup.add(() => model.off("change:height", size as never));
  const turned = (): void => go(model.get("tab") as TabName);
  model.on("change:tab", turned as never);
  cleanup.add(() => model.off("change:tab", turned as never));

  arrange();
  go((memory.get("tab") as TabName | undefined) ?? (model.get("tab") as TabName | undefined) ?? "cameras");
  cleanup.add(() => {
    for (const { dispose } of mounted.values()) dispose();
    fill(shell);
    shell.remove();
  });
  return () => cleanup.run();
}

export default widget("workbench", mount);
