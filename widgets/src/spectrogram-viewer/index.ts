import { widget } from "../lib/widget";
import { Sounds } from "./panel";

/** The viewer by itself: as high as the notebook asks for, or as its page. */
export default widget("spectrogram-viewer", (host, context) => {
  const { model } = context;
  const viewer = new Sounds(host, context);
  const size = (): void => {
    const given = String(model.get("height") ?? "");
    viewer.root.style.height = given;
    viewer.root.classList.toggle("ol-page", !given && document.body.dataset["voila"] !== undefined);
  };
  const chosen = (): void => {
    const id = model.get("sound");
    if (typeof id === "number") void viewer.open(id);
  };
  // What a page shows above it takes from its height.
  const above = (): void =>
    viewer.root.style.setProperty("--ol-above", `${Math.round(viewer.root.getBoundingClientRect().top + scrollY)}px`);
  const placed = new ResizeObserver(above);
  placed.observe(document.body);
  size();
  model.on("change:height", size as never);
  model.on("change:sound", chosen as never);
  return () => {
    placed.disconnect();
    model.off("change:height", size as never);
    model.off("change:sound", chosen as never);
    viewer.dispose();
  };
});
