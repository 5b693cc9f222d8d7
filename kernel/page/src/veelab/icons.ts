import { LabIcon } from "@jupyterlab/ui-components";

import logo from "../icons/favicon.svg";
import exportHtml from "./icons/export-html.svg";
import reproduce from "./icons/reproduce.svg";
import trace from "./icons/trace.svg";

export const logoIcon = new LabIcon({ name: "veelab:logo", svgstr: logo });
export const exportHtmlIcon = new LabIcon({ name: "veelab:export-html", svgstr: exportHtml });
export const reproduceIcon = new LabIcon({ name: "veelab:reproduce", svgstr: reproduce });
export const traceIcon = new LabIcon({ name: "veelab:trace", svgstr: trace });
