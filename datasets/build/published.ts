// Builds datasets/data/published/*.arrow and their catalogue entries from datasets/published/*.csv and *.json:
//   node dist/datasets/build/published.js
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { buildPublished, publishedTables } from "./published-table.ts";

const folder = join(packageRoot(), "datasets");
await buildPublished(folder, await publishedTables(folder));
