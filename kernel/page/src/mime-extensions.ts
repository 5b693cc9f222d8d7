/** Renderers of data by its MIME type; what draws (Vega, Mermaid) is loaded with the first output that needs it. */
export const mimeExtensions = [
  () => import(/* webpackChunkName: "core" */ "@jupyterlab/javascript-extension"),
  () => import(/* webpackChunkName: "core" */ "@jupyterlab/json-extension"),
  () => import(/* webpackChunkName: "core" */ "@jupyterlab/mermaid-extension/lib/mime"),
  () => import(/* webpackChunkName: "core" */ "@jupyterlab/pdf-extension"),
  () => import(/* webpackChunkName: "core" */ "./veelab/paper-charts.ts"),
];
