import { widget } from "../lib/widget";
import { mountCids } from "./panel";

export default widget("cid-table", mountCids);
