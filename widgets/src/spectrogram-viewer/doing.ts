/** What clicks, drags and keys do to the sound that is looked at. */
import type { Found } from "./found";
import { type Actions, actionFor, openHelp, taken } from "./keys";
import type { Ref, Session } from "./session";
import { showAll, zoomBand, zoomBy } from "./tools";
import type { Transport } from "./transport";
import type { Box } from "./types";
import { around, pan } from "./view";
import type { Viewer } from "./viewer";

export class Doing {
  constructor(private readonly viewer: Viewer, private readonly transport: Transport,
    private readonly found: () => Found, private readonly cancelDrag: () => boolean) {}

  /** A click on an event or annotation, or beside all of them. */
  tapped(ref: Ref | null, time: number): void {
    const { session } = this.viewer;
    if (!session) return;
    session.select(ref);
    if (ref) return session.place(session.boxOf(ref)!.start);
    if (session.region && (time < session.region.start || time > session.region.end)) session.mark(null);
    this.transport.seek(time);
  }

  drawn(box: Box): void {
    const { session } = this.viewer;
    if (!session) return;
    const [key] = session.marks.add([box]);
    const ref: Ref = { kind: "mark", key: key! };
    session.select(ref);
    this.viewer.askLabel(ref);
  }

  /** Make the stretch an annotation. */
  annotate(): void {
    const { session } = this.viewer;
    const region = session?.region;
    if (!session || !region) return;
    session.mark(null);
    this.drawn(region);
  }

  zoomTo(box: Box): void {
    const { session } = this.viewer;
    if (session) session.look(around({ ...box, low: box.low_hz, high: box.high_hz }, session.view, session.limits));
  }

  key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const { session } = this.viewer;
    if (!session || target.closest("dialog") || taken(target, event.key)) return;
    const action = actionFor(event);
    if (!action) return;
    event.preventDefault();
    action(this.actions(session));
  }

  private escape(session: Session): void {
    const { viewer } = this;
    if (this.cancelDrag()) return;
    if (session.selected) session.select(null);
    else if (session.region) session.mark(null);
    else if (viewer.tool !== "move") viewer.setTool("move");
    else viewer.player.stop();
  }

  private actions(session: Session): Actions {
    const { viewer, transport } = this;
    const found = this.found();
    const { selected } = session;
    const look = (dx: number, dy: number): void =>
      session.look(pan(session.view, dx, dy, session.limits, viewer.settings.scale));
    const eventIndex = selected?.kind === "event" ? selected.index : null;
    return {
      pan: look,
      zoom: (factor) => zoomBy(viewer, factor),
      zoomBand: (factor) => zoomBand(viewer, factor),
      all: () => showAll(viewer),
      edge: (end) => look(end ? 1e9 : -1e9, 0),
      play: () => transport.toggle(),
      playSelected: () => {
        const box = session.boxOf(selected) ?? session.region;
        if (box) transport.playBox(box);
      },
      loop: () => transport.toggleLoop(),
      step: (by) => found.step(by),
      label: () => { if (selected) viewer.askLabel(selected); },
      accept: () => { if (eventIndex !== null) found.accept(eventIndex); },
      reject: () => { if (eventIndex !== null) found.reject(eventIndex); },
      remove: () => {
        if (selected?.kind === "mark") session.marks.remove([selected.key]);
        else if (eventIndex !== null) found.reject(eventIndex);
      },
      escape: () => this.escape(session),
      undo: () => session.marks.undo(),
      redo: () => session.marks.redo(),
      tool: (name) => viewer.setTool(name),
      annotate: () => this.annotate(),
      help: () => openHelp(viewer),
    };
  }
}
