import { widget } from "../lib/widget";
import { mountTimelapse } from "./panel";

export default widget("timelapse-maker", mountTimelapse);
