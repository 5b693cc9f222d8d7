import type * as arrow from "apache-arrow";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { optional } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";
import { compileC } from "../compile.ts";
import type { GuestClock } from "./guest-clock.ts";

const layout = { dump: "uint32", timeNs: "float64", page: "float64", lastStoreNs: optional("float64") } as const;

/** Records when the guest's processor last wrote to each page, by a plugin of QEMU's translator, from the boot on. */
export class StoreRecorder {
  readonly #plugin: string;
  readonly #pages: number;
  #times = "";

  private constructor(plugin: string, pages: number) {
    this.#plugin = plugin;
    this.#pages = pages;
  }

  /** Compiles the plugin into a folder. */
  static async make(pages: number, folder: string): Promise<StoreRecorder> {
    const plugin = join(folder, "stores.so");
    await compileC("plugin/stores.c", plugin, ["-fPIC", "-shared", "-fvisibility=hidden"]);
    return new StoreRecorder(plugin, pages);
  }

  /** What QEMU is started with. */
  arguments(folder: string): readonly string[] {
    this.#times = join(folder, "stores");
    writeFileSync(this.#times, "");
    truncateSync(this.#times, this.#pages * 8);
    return ["-plugin", `file=${this.#plugin},times=${this.#times}`];
  }

  /** The last stores of a guest that is stopped. */
  table(dump: number, clock: GuestClock): arrow.RecordBatch {
    const bytes = readFileSync(this.#times);
    const rows = traceRows(layout, this.#pages);
    const { columns } = rows;
    columns.dump.fill(dump);
    columns.timeNs.fill(clock.now());
    for (; rows.count < this.#pages; rows.count += 1) {
      columns.page[rows.count] = rows.count;
      const micros = Number(bytes.readBigUInt64LE(rows.count * 8));
      if (micros === 0) rows.setNull("lastStoreNs");
      else columns.lastStoreNs[rows.count] = clock.guestTime(micros);
    }
    return rows.take();
  }
}
