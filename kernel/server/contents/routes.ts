export { contentsRoutes } from "./contents-routes.ts";
export { exportRoutes } from "./export-routes.ts";
export { fileRoutes } from "./file-routes.ts";
