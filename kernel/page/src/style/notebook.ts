// After the common ones, which they override.
import "./common.ts";
import "@jupyter-notebook/application-extension/style/index.js";
import "@jupyter-notebook/console-extension/style/index.js";
import "@jupyter-notebook/docmanager-extension/style/index.js";
import "@jupyter-notebook/help-extension/style/index.js";
import "@jupyter-notebook/notebook-extension/style/index.js";
import "@jupyter-notebook/tree-extension/style/index.js";
import "./veelab.css";
import "./tree-panel.css";
