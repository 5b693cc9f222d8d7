// The entry of JupyterLab: it asks for all scripts at once, then starts the application.
import "./style/lab.ts";

import { labPlugins } from "./lab-plugins.ts";
import { request } from "./selection.ts";

const requested = request(labPlugins);
void import(/* webpackChunkName: "lab-only" */ "./start-lab.ts").then(({ startLab }) => startLab(requested));
