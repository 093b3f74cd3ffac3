/** Draws JPEGs as they come; a picture that comes while one is being decoded waits, one only. */
import { blob } from "../lib/channel";

export class Feed {
  readonly canvas: HTMLCanvasElement;
  private next: Blob | null = null;
  private decoding = false;
  private shown = 0;

  constructor(label: string) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.label = label;
    this.canvas.width = this.canvas.height = 0;
  }

  set label(text: string) {
    this.canvas.setAttribute("aria-label", text);
  }

  get count(): number {
    return this.shown;
  }

  show(jpeg: DataView): void {
    this.next = blob(jpeg, "image/jpeg");
    if (!this.decoding) void this.drain();
  }

  private async drain(): Promise<void> {
    this.decoding = true;
    try {
      for (let data = this.next; data; data = this.next) {
        this.next = null;
        const bitmap = await createImageBitmap(data);
        if (this.canvas.width !== bitmap.width) this.canvas.width = bitmap.width;
        if (this.canvas.height !== bitmap.height) this.canvas.height = bitmap.height;
        this.canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
        this.shown += 1;
        this.canvas.dataset["frames"] = String(this.shown);
      }
    } catch {
      // A damaged picture: the next one comes soon.
    } finally {
      this.decoding = false;
    }
  }
}
