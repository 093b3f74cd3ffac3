/** Play, pause, loop, speed, band-pass, volume. */
import { button, relabel, select } from "../lib/controls";
import { h } from "../lib/dom";
import { clockText, hertzText } from "./axes";
import type { Band } from "./player";
import type { Span } from "./playback";
import type { Session } from "./session";
import type { Box } from "./types";
import type { Part, Viewer } from "./viewer";

const SPEEDS = [2, 1, 0.5, 0.25, 0.1, 0.05] as const;

export class Transport implements Part {
  readonly element: HTMLElement;
  private readonly playButton: HTMLButtonElement;
  private readonly loopButton: HTMLButtonElement;
  private readonly bandButton: HTMLButtonElement;
  private readonly time = h("output", { class: "ol-number ol-sound-time" });
  private loop = false;
  private filter = false;
  private shown = "";

  constructor(private readonly viewer: Viewer) {
    const { t, player } = viewer;
    this.playButton = button({ icon: "play", label: t("Play"), look: "main", bare: true,
      props: { "data-do": "play", "aria-keyshortcuts": "Space" }, onclick: () => this.toggle() });
    this.loopButton = button({ icon: "loop", label: t("Loop"), bare: true,
      props: { "aria-pressed": "false", "data-do": "loop", "aria-keyshortcuts": "l" }, onclick: () => this.toggleLoop() });
    const speed = select(t("Speed"), SPEEDS.map((one) => ({ value: String(one), label: speedText(one) })), "1",
      (value) => this.retune(() => { player.speed = Number(value); }));
    speed.dataset["do"] = "speed";
    speed.title = t("Speed: slower is lower, so that bats can be heard");
    this.bandButton = button({ icon: "band", label: t("Band-pass"), props: { "aria-pressed": "false", "data-do": "band",
      title: t("Hear only the selected frequencies") }, onclick: () => {
      this.filter = !this.filter;
      this.retune(() => {});
      this.refresh();
    } });
    const volume = h("input", { type: "range", min: 0, max: 1, step: 0.02, value: String(player.volume),
      class: "ol-volume", "aria-label": t("Volume"), title: t("Volume") });
    volume.addEventListener("input", () => player.setVolume(Number(volume.value)));
    this.element = h("div", { class: "ol-row ol-transport", role: "group", "aria-label": t("Playing") },
      this.playButton, this.time, this.loopButton, speed, this.bandButton, volume);
    player.onstate = () => { this.refresh(); viewer.schedule(); };
    player.onerror = (error) => viewer.context.toaster.error(error);
  }

  toggle(): void {
    const { player } = this.viewer;
    if (player.playing) this.pause();
    else this.start();
  }

  /** Play a box from its start to its end. */
  playBox(box: Span): void {
    this.play(box.start, box);
  }

  pause(): void {
    const { player, session } = this.viewer;
    const at = player.position;
    player.stop();
    if (session && at !== null) session.place(at);
  }

  toggleLoop(): void {
    this.loop = !this.loop;
    this.retune(() => {});
    this.refresh();
  }

  /** Play on from elsewhere when playing, else begin there next time. */
  seek(time: number): void {
    const { player, session } = this.viewer;
    session?.place(time);
    if (player.playing) this.start();
  }

  /** What is filtered or looped has changed. */
  regionChanged(): void {
    if (this.filter && !same(this.viewer.player.band, this.band())) this.retune(() => {});
    this.refresh();
  }

  refresh(): void {
    const { t, player, session } = this.viewer;
    const playing = player.playing;
    if (this.playButton.dataset["playing"] !== String(playing)) {
      this.playButton.dataset["playing"] = String(playing);
      relabel(this.playButton, playing ? "pause" : "play", playing ? t("Pause") : t("Play"));
    }
    this.loopButton.setAttribute("aria-pressed", String(this.loop));
    this.bandButton.setAttribute("aria-pressed", String(this.filter));
    const band = this.filter ? this.band() : null;
    const text = band ? `${hertzText(band.low, t.locale)} – ${hertzText(band.high, t.locale)}` : t("Band-pass");
    if (this.bandButton.lastElementChild!.textContent !== text) this.bandButton.lastElementChild!.textContent = text;
    for (const node of [this.playButton, this.loopButton, this.bandButton]) node.disabled = !session;
    this.tick();
  }

  /** Show the time that is heard. */
  tick(): void {
    const { player, session } = this.viewer;
    const at = session ? ((player.playedId === session.info.id ? player.position : null) ?? session.cursor) : 0;
    const text = clockText(at, 0.1);
    if (text === this.shown) return;
    this.time.textContent = this.shown = text;
  }

  private start(): void {
    const { session } = this.viewer;
    if (!session) return;
    const { region, cursor, limits } = session;
    const stretch: Span = region ?? { start: 0, end: limits.duration };
    const inside = cursor >= stretch.start && cursor < stretch.end - 0.01;
    this.play(inside ? cursor : stretch.start, stretch);
  }

  private play(from: number, stretch: Span): void {
    const { player, session } = this.viewer;
    if (!session) return;
    player.band = this.filter ? this.band() : null;
    void player.play(session.source, from, stretch, this.loop);
  }

  private retune(change: () => void): void {
    const { player } = this.viewer;
    player.retune(() => {
      change();
      player.band = this.filter ? this.band() : null;
    }, this.loop);
  }

  /** The frequencies of the stretch, else of the selected box, else those in sight. */
  private band(): Band | null {
    const { session } = this.viewer;
    if (!session) return null;
    const of = session.region ?? session.boxOf(session.selected);
    return range(of) ?? { low: session.view.low, high: session.view.high };
  }
}

const range = (box: Box | null): Band | null =>
  box?.low_hz != null && box.high_hz != null ? { low: box.low_hz, high: box.high_hz } : null;

const same = (a: Band | null, b: Band | null): boolean => a?.low === b?.low && a?.high === b?.high;

const speedText = (speed: number): string => (speed >= 1 ? `×${speed}` : `×1/${Math.round(1 / speed)}`);

/** Whether the sound that plays is the one of a session. */
export const hears = (viewer: Viewer, session: Session): boolean =>
  viewer.player.playedId === session.info.id;
