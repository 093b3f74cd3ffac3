import { widget } from "../lib/widget";
import { mountGallery } from "./panel";

export default widget("gallery-picker", mountGallery);
