/** The grid of cameras. */
import { button, busy, empty, select, setOptions } from "../lib/controls";
import { Cleanup, debounce, h } from "../lib/dom";
import type { Analysis } from "../lib/types";
import type { Mount } from "../lib/widget";
import "../lib/base.css";
import "../lib/findings.css";
import "./camera-grid.css";
import { openAdd } from "./add";
import { Card, type CardHost } from "./card";
import type { GridState, Observed } from "./types";
import { Webcams } from "./webcam";

const FPS = 10;

export const mountCameras: Mount = (host, context) => {
  const { t } = context;
  const cleanup = new Cleanup();
  const cameras = context.channel("cameras");
  const webcams = Webcams.of(context);
  const cards = new Map<string, Card>();
  const inSight = new Set<string>();
  let state: GridState = { revision: 0, cameras: [], analyzers: [], galleries: [] };

  let placeholder: HTMLElement = h("div", { class: "ol-loading" }, h("span", { class: "ol-spinner" }));
  const grid = h("div", { class: "ol-cards" }, placeholder);
  const count = h("span", { class: "ol-muted ol-number", "aria-live": "polite" });
  const add = (): void => openAdd(root, cameras, context, ({ state: now, way }) => {
    apply(now);
    if (way === "webcam" && now.slug) void cards.get(now.slug)?.connect();
  });
  const restart = button({ icon: "refresh", label: t("Restart all"), props: { "data-do": "restart" } });
  restart.addEventListener("click", () => void busy(restart, () => context.attempt(async () => {
    await cameras.call("restart");
    await Promise.all([...cards.values()].map((card) => card.reconnect()));
    for (const card of cards.values()) card.element.dataset["restarted"] = "true";
    context.toaster.show({ kind: "good", text: t("All cameras restarted") });
  })));
  const analyzer = select(t("Analyzer of all cameras"), [], "", (name) => {
    if (!name) return;
    context.memory.set("camera-analyzer", name);
    for (const card of cards.values()) card.analysedBy = name;
  });
  const bar = h("div", { class: "ol-bar-top" },
    h("h2", {}, t("Cameras")), count, h("div", { class: "ol-grow" }), analyzer, restart,
    button({ icon: "plus", label: t("Add camera"), look: "main", onclick: add,
      props: { "data-do": "add" } }));
  const root = h("section", { class: "ol-camera-grid", "aria-label": t("Cameras") }, bar, grid);
  host.append(root);
  cleanup.add(() => root.remove());

  const cardHost: CardHost = {
    cameras, webcams, context, home: root,
    galleries: () => state.galleries,
    analyzers: () => state.analyzers,
    analyzer: () => String(context.memory.get("camera-analyzer") ?? "sobel"),
    apply: (now) => apply(now),
  };

  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const slug = (entry.target as HTMLElement).dataset["camera"]!;
      if (entry.isIntersecting) inSight.add(slug);
      else inSight.delete(slug);
    }
    watch();
  }, { rootMargin: "120px" });
  cleanup.add(() => sight.disconnect());

  // Only what is in sight is asked for, no wider than it is shown.
  const watch = debounce(150, () => {
    const slugs = document.hidden ? []
      : [...cards].filter(([slug, card]) => inSight.has(slug) && card.wantsPictures)
        .map(([slug]) => slug);
    for (const [slug, card] of cards) card.watched = slugs.includes(slug);
    const shown = grid.firstElementChild?.clientWidth ?? 0;
    const width = Math.min(960, Math.max(320, Math.ceil((shown * Math.min(devicePixelRatio, 2)) / 160) * 160));
    void cameras.call("watch", { slugs, width, fps: FPS }).catch(() => {});
  });
  cleanup.add(() => watch.cancel());
  const resized = new ResizeObserver(() => watch());
  resized.observe(grid);
  cleanup.add(() => resized.disconnect());
  cleanup.listen(document, "visibilitychange", () => watch());

  function apply(now: GridState): void {
    // What the kernel tells and what it answers come by different threads: the newest holds.
    if (now.revision < state.revision) return;
    state = now;
    const wanted = new Set(now.cameras.map((camera) => camera.slug));
    for (const [slug, card] of cards) {
      if (wanted.has(slug)) continue;
      sight.unobserve(card.element);
      card.dispose();
      cards.delete(slug);
      inSight.delete(slug);
    }
    webcams.only(wanted);
    // The kernel may tell of the cameras before it answers: whichever comes first takes this away.
    placeholder.remove();
    for (const camera of now.cameras) {
      const known = cards.get(camera.slug);
      if (known) {
        known.update(camera);
      } else {
        const card = new Card(camera, cardHost);
        cards.set(camera.slug, card);
        grid.append(card.element);
        sight.observe(card.element);
      }
    }
    count.textContent = now.cameras.length
      ? t.n(now.cameras.length, "{n} camera", "{n} cameras") : "";
    restart.hidden = !now.cameras.length;
    analyzer.hidden = now.cameras.length < 2;
    setOptions(analyzer, [{ value: "", label: t("Analyzer of all cameras") },
      ...now.analyzers.map((one) => ({ value: one.name, label: one.title }))], analyzer.value);
    if (!now.cameras.length) {
      placeholder = empty("camera", t("No cameras yet"),
        t("Add the webcam of this device, a network camera, or a synthetic one that needs no hardware."),
        button({ icon: "plus", label: t("Add camera"), look: "main", onclick: add }));
      grid.append(placeholder);
    }
    watch();
  }

  cleanup.add(
    cameras.on("cameras", (now: GridState) => apply(now)),
    cameras.on("live", (data: { pictures: string[]; states: Record<string, Observed> }, buffers) => {
      data.pictures.forEach((slug, i) => {
        const jpeg = buffers[i];
        if (jpeg) cards.get(slug)?.show(jpeg);
      });
      for (const [slug, observed] of Object.entries(data.states)) cards.get(slug)?.told(observed);
    }),
    cameras.on("lost", (data: { message: string }) => {
      for (const card of cards.values()) if (card.wantsPictures) card.lost(data.message);
    }),
    cameras.on("overlay", (data: { slug: string; analysis?: Analysis; error?: string }, buffers) => {
      cards.get(data.slug)?.overlaid(data.analysis ?? null, buffers[0], data.error);
    }),
    () => { for (const card of cards.values()) card.dispose(); },
    () => void cameras.call("watch", { slugs: [] }).catch(() => {}),
  );
  void context.attempt(async () => apply((await cameras.call<GridState>("state")).data));
  return () => cleanup.run();
};
