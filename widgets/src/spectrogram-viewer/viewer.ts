/** What the parts of the viewer share. */
import type { Channel } from "../lib/channel";
import type { Cleanup } from "../lib/dom";
import type { Translate } from "../lib/i18n";
import type { Context } from "../lib/widget";
import type { Tool } from "./gestures";
import type { Palette } from "./palette";
import type { Player } from "./player";
import type { Ref, Session } from "./session";
import type { Settings } from "./settings";

export interface Viewer {
  readonly context: Context;
  readonly t: Translate;
  readonly channel: Channel;
  readonly root: HTMLElement;
  readonly player: Player;
  /** What ends with the viewer. */
  readonly cleanup: Cleanup;
  readonly settings: Settings;
  readonly tool: Tool;
  palette(): Palette;
  /** The sound that keys, playing and the table are about. */
  readonly session: Session | null;
  set(change: Partial<Settings>): void;
  setTool(tool: Tool): void;
  schedule(): void;
  /** Ask for the label of an annotation, or accept an event under a label. */
  askLabel(ref: Ref): void;
  focus(): void;
}

/** A part of the page that shows the state of the viewer. */
export interface Part {
  readonly element: HTMLElement;
  refresh(): void;
}
