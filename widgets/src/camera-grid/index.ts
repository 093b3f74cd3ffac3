import { widget } from "../lib/widget";
import { mountCameras } from "./panel";

export default widget("camera-grid", mountCameras);
