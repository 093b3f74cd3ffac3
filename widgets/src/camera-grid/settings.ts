/** The dialog with a camera's settings. */
import { busy, button, field, isOn, select, toggle } from "../lib/controls";
import { openDialog } from "../lib/dialog";
import { h } from "../lib/dom";
import { sizeOptions, soundField } from "./add";
import type { CardHost } from "./card";
import type { CameraInfo, GridState } from "./types";

/** The size a synthetic address asks for. */
export const sizeOf = (url: string): string => /[?&]size=(\d+x\d+)/.exec(url)?.[1] ?? "1280x720";

/** The same synthetic address with another size. */
export function withSize(url: string, size: string): string {
  const [base = "", query = ""] = url.split("?");
  const rest = query.split("&").filter((part) => part && !part.startsWith("size="));
  return `${base}?${[`size=${size}`, ...rest].join("&")}`;
}

/** `interval_s` is what the card says now. */
export function openSettings(host: CardHost, camera: CameraInfo, interval_s: number): void {
  const { cameras, home, context: { t } } = host;
  const dialog = openDialog({ title: t("Settings of {camera}", { camera: camera.name }), t, home });
  const synthetic = camera.url.startsWith("synthetic://");
  const local = synthetic || camera.webcam || camera.url.startsWith("usb://")
    || camera.url.startsWith("file://");
  const text = (value: string, props = {}): HTMLInputElement =>
    h("input", { class: "ol-input", value, autocomplete: "off", ...props });

  const name = text(camera.name, { required: true, maxlength: 120 });
  const seconds = text(String(interval_s || 60),
    { type: "number", min: 0.1, step: "any", required: true });
  const list = h("datalist", { id: `ol-galleries-${camera.slug}` },
    host.galleries().map((one) => h("option", { value: one })));
  const gallery = text(String(camera.settings["gallery"] ?? ""),
    { list: list.id, placeholder: camera.name });
  const url = text(camera.url, { spellcheck: "false" });
  const user = text("", { placeholder: t("unchanged") });
  const password = text("", { type: "password", autocomplete: "new-password",
    placeholder: t("unchanged") });
  const current = synthetic ? sizeOf(camera.url) : String(camera.settings["size"] ?? "");
  const known = sizeOptions(synthetic ? undefined : { value: "", label: t("As the camera gives it") });
  const options = known.some((one) => one.value === current) ? known
    : [{ value: current, label: current.replace("x", " × ") }, ...known];
  const size = select(t("Resolution"), options, current, () => {});

  const sound = toggle(t("With sound"), camera.settings["sound"] === true, () => {});
  const analysis = analysisFields(host, camera);

  const form = h("form", { class: "ol-form" },
    field(t("Name"), name),
    h("div", { class: "ol-form-row" },
      field(t("Interval, seconds"), seconds),
      field(t("Gallery of interval stills"), gallery)), list,
    (synthetic || camera.webcam || camera.url.startsWith("usb://"))
      && field(t("Resolution"), size),
    camera.webcam ? soundField(sound, t) : analysis.element,
    !local && [
      field(t("Address"), url),
      h("div", { class: "ol-form-row" }, field(t("User"), user), field(t("Password"), password)),
    ],
    h("button", { hidden: true, type: "submit" }));
  const problem = h("p", { class: "ol-problem", role: "alert", hidden: true });
  form.append(problem);
  const save = button({ label: t("Save"), look: "main" });
  const submit = (): void => {
    if (!form.reportValidity()) return;
    const settings: Record<string, unknown> = {
      interval_s: Number(seconds.value), gallery: gallery.value || null,
      ...(!synthetic ? { size: size.value || null } : {}),
      ...(camera.webcam ? { sound: isOn(sound) || null } : {}),
    };
    const newUrl = synthetic
      ? (size.value === current ? undefined : withSize(camera.url, size.value))
      : local ? undefined : url.value;
    void busy(save, async () => {
      try {
        const { data } = await cameras.call<GridState>("update", {
          slug: camera.slug, name: name.value, url: newUrl, user: user.value,
          password: password.value, settings,
        });
        const changed = analysis.changed();
        const state = changed
          ? (await cameras.call<GridState>("analysis", { slug: camera.slug, ...changed })).data : data;
        dialog.close();
        host.apply(state);
      } catch (error) {
        problem.textContent = (error as Error).message;
        problem.hidden = false;
      }
    });
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  save.addEventListener("click", submit);
  dialog.body.append(form);
  dialog.foot.append(button({ label: t("Cancel"), onclick: () => dialog.close() }), save);
  name.focus();
}

/** What runs at the server all the time: whether, by which analyzer, how often. */
function analysisFields(host: CardHost, { desired }: CameraInfo) {
  const { t } = host.context;
  const choices = host.analyzers().filter((one) => one.installed || one.name === desired.analyzer)
    .map((one) => ({ value: one.name, label: one.title }));
  const current = desired.analyzer ?? "";
  if (current && !choices.some((one) => one.value === current)) {
    choices.push({ value: current, label: current }); // this kernel does not know it
  }
  const analyzer = select(t("Analyzer"), choices, current, () => {});
  const often = h("input", { class: "ol-input", type: "number", min: 0.01, max: 30, step: "any",
    required: true, value: String(desired.analyzer_fps) });
  const row = h("div", { class: "ol-form-row" },
    field(t("Analyzer"), analyzer), field(t("Times a second"), often));
  const show = (on: boolean): void => {
    row.hidden = !on;
    often.disabled = !on;
  };
  const on = toggle(t("Analyse all the time"), desired.analyzer !== null, show);
  show(desired.analyzer !== null);
  return {
    element: h("div", { class: "ol-field" }, on,
      h("span", { class: "ol-hint" }, t("Also with this page closed. What is found in stills of the interval is kept with them.")), row),
    /** What to ask of the kernel; null when nothing was changed. */
    changed: (): { analyzer: string | null; fps: number } | null => {
      const now = { analyzer: isOn(on) ? analyzer.value : null, fps: Number(often.value) };
      const same = now.analyzer === desired.analyzer && now.fps === desired.analyzer_fps;
      return same ? null : now;
    },
  };
}
