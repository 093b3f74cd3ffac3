/** The dialog that adds a camera, in three ways. */
import type { Channel } from "../lib/channel";
import { busy, button, field, isOn, select, toggle } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import { fill, h } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import { icon, type IconName } from "../lib/icons";
import type { Context } from "../lib/widget";
import { type GridState, WEBCAM_URL } from "./types";

type Way = "webcam" | "url" | "synthetic";

export interface Added {
  readonly state: GridState;
  readonly way: Way;
}

export const SIZES = ["640x360", "1280x720", "1920x1080"] as const;

export const sizeOptions = (first?: { value: string; label: string }) => [
  ...(first ? [first] : []),
  ...SIZES.map((size) => ({ value: size, label: size.replace("x", " × ") })),
];

/** The switch for a webcam's microphone, and what it means. */
export const soundField = (sound: HTMLElement, t: Translate): HTMLElement =>
  h("div", { class: "ol-field" }, sound,
    h("span", { class: "ol-hint" }, t("Clips are recorded with the microphone; the browser asks for it too.")));

export function openAdd(home: HTMLElement, cameras: Channel, { t, toaster }: Context,
  added: (result: Added) => void): void {
  const dialog = openDialog({ title: t("Add a camera"), t, home, className: "ol-add" });
  const send = button({ label: t("Add"), look: "main", icon: "plus" });
  const problem = h("p", { class: "ol-problem", role: "alert", hidden: true });
  const form = h("form", { class: "ol-form" });
  let collect: () => Record<string, unknown> = () => ({});
  let way: Way = "webcam";

  const name = (hint: string): HTMLInputElement =>
    h("input", { class: "ol-input", name: "name", placeholder: hint, autocomplete: "off",
      maxlength: 120 });

  const ways: Record<Way, { icon: IconName; title: string; text: string; build(): HTMLElement[] }> = {
    webcam: {
      icon: "webcam", title: t("This device"), text: t("The webcam of this computer or phone"),
      build: () => {
        const title = name(t("Webcam"));
        const devices = select(t("Camera"), [{ value: "", label: t("Default camera") }], "", () => {});
        void navigator.mediaDevices?.enumerateDevices?.().then((all) => {
          const found = all.filter((d) => d.kind === "videoinput" && d.deviceId);
          devices.append(...found.map((d, i) => h("option", { value: d.deviceId },
            d.label || t("Camera {n}", { n: i + 1 }))));
        }).catch(() => {});
        const size = select(t("Resolution"), sizeOptions(), "1280x720", () => {});
        const sound = toggle(t("With sound"), false, () => {});
        collect = () => ({ url: WEBCAM_URL, name: title.value || t("Webcam"),
          settings: { size: size.value, ...(devices.value ? { device: devices.value } : {}),
            ...(isOn(sound) ? { sound: true } : {}) } });
        return [
          h("p", { class: "ol-hint" }, t("The browser will ask for permission. Pictures stay on this page; only stills and clips you take go into the lab.")),
          field(t("Name"), title), field(t("Camera"), devices), field(t("Resolution"), size),
          soundField(sound, t),
        ];
      },
    },
    url: {
      icon: "link", title: t("Network camera"), text: t("RTSP, MJPEG or a still, by its address"),
      build: () => {
        const url = h("input", { class: "ol-input", name: "url", required: true, autocomplete: "off",
          spellcheck: "false", autocapitalize: "off",
          placeholder: "rtsp://192.168.1.20:554/stream" });
        const user = h("input", { class: "ol-input", name: "user", autocomplete: "off" });
        const password = h("input", { class: "ol-input", name: "password", type: "password",
          autocomplete: "new-password" });
        const title = name(t("Greenhouse, bench 3"));
        collect = () => ({ url: url.value, name: title.value, user: user.value,
          password: password.value });
        return [
          field(t("Address"), url, t("rtsp://, http:// (MJPEG or a picture), usb://0 for a camera at the server")),
          h("div", { class: "ol-form-row" }, field(t("User"), user), field(t("Password"), password)),
          h("p", { class: "ol-hint" }, t("Kept in your own configuration, never in the lab or a notebook.")),
          field(t("Name"), title),
        ];
      },
    },
    synthetic: {
      icon: "leaf", title: t("Synthetic"), text: t("Needs no hardware: to try things out"),
      build: () => {
        const title = name(t("Bench 1"));
        let scene = "plant";
        const scenes = [["plant", t("A plant that grows")], ["hive", t("A hive entrance with bees")],
          ["testcard", t("A test card with a clock")]] as const;
        const pick = select(t("Scene"), scenes.map(([value, label]) => ({ value, label })), scene,
          (value) => { scene = value; });
        const size = select(t("Resolution"), sizeOptions(), "1280x720", () => {});
        collect = () => ({
          url: `synthetic://${scene}?size=${size.value}`,
          name: title.value || scenes.find(([value]) => value === scene)?.[1],
        });
        return [field(t("Scene"), pick), field(t("Resolution"), size), field(t("Name"), title)];
      },
    },
  };

  const tiles = h("div", { class: "ol-ways", role: "radiogroup", "aria-label": t("Kind of camera") });
  const choose = (chosen: Way, focus = false): void => {
    way = chosen;
    problem.hidden = true;
    for (const tile of Array.from(tiles.children) as HTMLElement[]) {
      const on = tile.dataset["way"] === chosen;
      tile.setAttribute("aria-checked", String(on));
      tile.tabIndex = on ? 0 : -1;
      if (on && focus) tile.focus();
    }
    fill(form, ways[chosen].build(), problem, h("button", { hidden: true, type: "submit" }));
  };
  const order = Object.keys(ways) as Way[];
  for (const key of order) {
    const one = ways[key];
    tiles.append(h("button", { type: "button", role: "radio", class: "ol-way", "data-way": key,
      onclick: () => choose(key) }, icon(one.icon, 24), h("strong", {}, one.title),
      h("span", { class: "ol-hint" }, one.text)));
  }
  tiles.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(order[(order.indexOf(way) + step + order.length) % order.length]!, true);
  });

  const submit = (): void => {
    if (!form.reportValidity()) return;
    problem.hidden = true;
    void busy(send, async () => {
      try {
        const { data } = await cameras.call<GridState>("add", collect());
        dialog.close();
        added({ state: data, way });
      } catch (error) {
        problem.textContent = (error as Error).message;
        problem.hidden = false;
        if (!dialog.element.isConnected) toaster.error(error);
      }
    });
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  send.addEventListener("click", submit);
  dialog.body.append(tiles, form);
  dialog.foot.append(button({ label: t("Cancel"), onclick: () => dialog.close() }), send);
  choose("webcam");
}
