/** The sounds that are open: one, or two to compare, and which of them keys and table are about. */
import { Cleanup, debounce, fill, h } from "../lib/dom";
import { Compare } from "./compare";
import { Lane, type LaneHost } from "./lane";
import { Overview } from "./overview";
import { Session, type Topic } from "./session";
import { hears } from "./transport";
import type { Opened } from "./types";
import type { View } from "./view";
import type { Viewer } from "./viewer";

/** One opened sound and all that belongs to it on the page. */
export interface Place {
  readonly session: Session;
  readonly lane: Lane;
  readonly cleanup: Cleanup;
}

export interface PlacesHost {
  lane(): LaneHost;
  /** Another sound is looked at, or none. */
  activated(): void;
  told(session: Session, topic: Topic): void;
}

const ID = "sound-id";
const VIEW = "sound-view";

export class Places {
  readonly strip = h("div", { class: "ol-strip" });
  readonly lanes = h("div", { class: "ol-lanes" });
  first: Place | null = null;
  second: Place | null = null;
  active: Place | null = null;
  overview: Overview | null = null;
  private compare: Compare | null = null;
  private turn = 0;
  private comparison = 0;

  constructor(private readonly viewer: Viewer, private readonly host: PlacesHost) {}

  get all(): Place[] {
    return [this.first, this.second].filter((one): one is Place => one !== null);
  }

  /** The sessions of a sound, of one of its channels if told which. */
  of(id: number, track?: number | null): Session[] {
    return this.all.map(({ session }) => session)
      .filter((one) => one.info.id === id && (track === undefined || one.track === track));
  }

  /** A sound is open, or was asked for. */
  get begun(): boolean {
    return this.turn > 0;
  }

  /** What was looked at before the view was drawn anew. */
  get remembered(): { readonly id: number; readonly view: View | undefined } | null {
    const { memory } = this.viewer.context;
    const id = memory.get(ID);
    return typeof id === "number" ? { id, view: memory.get(VIEW) as View | undefined } : null;
  }

  /** Open a sound instead of what is open; null when another was asked for meanwhile. */
  async open(id: number, track: number | null, view?: View): Promise<boolean | null> {
    const mine = (this.turn += 1);
    const place = await this.make(id, track);
    if (mine !== this.turn) {
      place?.cleanup.run();
      return null;
    }
    if (!place) return false;
    this.endCompare();
    this.viewer.player.stop();
    this.first?.cleanup.run();
    this.first = place;
    if (view) place.session.view = view;
    const { t } = this.viewer;
    this.overview = new Overview(place.session, this.viewer.palette, t("Overview of the whole sound"),
      () => this.viewer.schedule(), place.cleanup);
    fill(this.strip, this.overview.element);
    this.lanes.append(place.lane.element);
    place.cleanup.add(place.session.on("view", debounce(400, () => this.remember())));
    this.remember();
    this.activate(place);
    return true;
  }

  /** Put a second sound below the first. */
  async compareWith(id: number): Promise<void> {
    const { first } = this;
    if (!first) return;
    const mine = (this.comparison += 1);
    const place = await this.make(id, null);
    if (mine !== this.comparison) return place?.cleanup.run(); // something else was asked for meanwhile
    if (!place) return;
    this.endCompare();
    this.second = place;
    this.compare = new Compare(this.viewer, first.session, place.session, () => this.endCompare());
    this.lanes.append(this.compare.element, place.lane.element);
    this.host.activated();
  }

  endCompare(): void {
    this.comparison += 1;
    const { second } = this;
    if (!second) return;
    if (hears(this.viewer, second.session)) this.viewer.player.stop();
    this.compare?.close();
    second.cleanup.run();
    this.second = null;
    if (this.first) this.activate(this.first);
  }

  activate(place: Place): void {
    if (this.active === place) return;
    this.active = place;
    for (const one of this.all) one.lane.element.classList.toggle("ol-active", one === place);
    this.host.activated();
  }

  /** Draw all pictures anew: the colours of the page or of the pictures have changed. */
  redraw(): void {
    this.overview?.refresh();
    for (const { lane } of this.all) lane.dirty();
    this.viewer.schedule();
  }

  close(): void {
    this.compare?.close();
    for (const { cleanup } of this.all) cleanup.run();
  }

  private async make(id: number, track: number | null): Promise<Place | undefined> {
    const { channel, context } = this.viewer;
    return context.attempt(async () => {
      const { data } = await channel.call<Opened>("open", { id, ...(track === null ? {} : { channel: track }) });
      const cleanup = new Cleanup();
      const session = new Session(data, channel, track, (error) => context.toaster.error(error));
      const lane = new Lane(session, this.host.lane(), cleanup);
      cleanup.add(() => lane.element.remove(), () => session.close());
      for (const topic of ["list", "status", "selection"] as const) {
        cleanup.add(session.on(topic, () => this.host.told(session, topic)));
      }
      return { session, lane, cleanup };
    });
  }

  private remember(): void {
    const { memory } = this.viewer.context;
    if (!this.first) return;
    memory.set(ID, this.first.session.info.id);
    memory.set(VIEW, this.first.session.view);
  }
}
