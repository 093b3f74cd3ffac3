/** Toasts live in a corner of the page, not in the cell; the cell only says that they do. */
import { h } from "../lib/dom";
import { icon } from "../lib/icons";
import { widget } from "../lib/widget";
import "../lib/base.css";

export default widget("toasts", (host, { t }) => {
  const line = h("p", { class: "ol-row ol-muted", style: "padding:6px 12px" }, icon("info", 16),
    t("Warnings, errors and the progress of jobs appear in the corner of this page."));
  host.append(line);
  return () => line.remove();
});
