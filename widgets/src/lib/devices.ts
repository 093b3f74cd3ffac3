/** Opening the camera and the microphone of the device that shows the page. */
import type { Translate } from "./i18n";

export type Wanted = "camera" | "microphone" | "both";

/** Open them, or say why that can't be. */
export async function openDevices(constraints: MediaStreamConstraints, wanted: Wanted,
  t: Translate): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(wanted === "microphone"
      ? t("This page can't use the device's microphone: it needs https, or localhost")
      : t("This page can't use the device's camera: it needs https, or localhost"));
  }
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new Error(reason(error as DOMException, wanted, t));
  }
}

function reason(error: DOMException, wanted: Wanted, t: Translate): string {
  const say = (texts: Readonly<Record<Wanted, string>>): string => texts[wanted];
  switch (error.name) {
    case "NotAllowedError":
      return say({
        camera: t("The browser did not allow the camera; allow it in the address bar, then try again"),
        microphone: t("The browser did not allow the microphone; allow it in the address bar, then try again"),
        both: t("The browser did not allow the camera and the microphone; allow both in the address bar, or turn off the sound in the settings"),
      });
    case "NotFoundError":
    case "OverconstrainedError":
      return say({
        camera: t("This device has no camera, or it is unplugged"),
        microphone: t("This device has no microphone, or it is unplugged"),
        both: t("This device has no camera or no microphone, or it is unplugged; without a microphone, turn off the sound in the settings"),
      });
    case "NotReadableError":
      return wanted === "microphone"
        ? t("Another program uses the microphone; close it, then try again")
        : t("Another program uses the camera; close it, then try again");
    default: {
      const values = { reason: error.message || error.name };
      return wanted === "microphone" ? t("The microphone can't be opened: {reason}", values)
        : t("The camera can't be opened: {reason}", values);
    }
  }
}
