import { widget } from "../lib/widget";
import { mountLog } from "./panel";

export default widget("log-console", mountLog);
