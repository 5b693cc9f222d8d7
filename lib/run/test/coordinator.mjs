// A coordinator in a process of its own, which a test kills: node coordinator.mjs BACK_END OPTIONS FOLDER
import { writeFileSync } from "node:fs";
import { tableToIPC } from "apache-arrow";
import { redis, slurm, sweep } from "../../../dist/lib/core/index.js";

const [backEnd, options, folder] = process.argv.slice(2);

async function run({ n }) {
  const { appendFileSync } = process.getBuiltinModule("node:fs");
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  appendFileSync(`${folder}/ran`, `${n}\n`);
  return { square: n * n };
}

const table = await sweep({ n: Array.from({ length: 200 }, (_, index) => index) }, run, {
  on: { redis, slurm }[backEnd](JSON.parse(options)),
  share: { folder },
  onProgress: ({ done }) => {
    process.stdout.write(`${done}\n`);
  },
});
writeFileSync(`${folder}/table`, tableToIPC(table));
