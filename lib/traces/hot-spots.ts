import { makeVector, Table } from "apache-arrow";
import { framed } from "../core/chart/theme.ts";
import { numbersOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { byteUnit, TimeBins, timeUnit } from "./time-bins.ts";

/** What {@link hotSpots} finds. */
export interface HotSpots extends Characteristic {
  /** Bytes of a row of the map. */
  readonly regionBytes: number;
  /** Nanoseconds of a column of the map. */
  readonly intervalNs: number;
  /** The share of requests to the busiest tenth of the regions that were used, 0 to 1. */
  readonly hottest10Share: number;
}

const regions = 48;
const intervals = 80;

/**
 * Where on the disk the requests are, over time: requests by region and interval, whose sizes grow with the trace.
 * The table has a row for each cell that has requests: `timeS` (its beginning), `offsetBytes` (its lower end),
 * `requests`. Requests without a time or an offset are left out. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, hotSpots } from "veelab/traces";
 *
 * const map = await hotSpots(blockWorkload({ requests: 1000 }));
 * console.log(map.table.numRows > 0); // true
 * ```
 */
export function hotSpots(trace: Trace): Promise<HotSpots> {
  return characterise(trace, "a block trace", hotSpotsOf());
}

/** The accumulator of {@link hotSpots}. */
export function hotSpotsOf(): Accumulator<HotSpots> {
  // A series for each region; regions double as intervals do.
  const bins = new TimeBins(regions, intervals);
  let regionBytes = 1 << 20;
  let requests = 0;
  let duration = 0;
  const double = () => {
    regionBytes *= 2;
    for (let region = 0; region < regions; region += 1) {
      const to = bins.sums[region]!;
      const [a, b] = [bins.sums[2 * region], bins.sums[2 * region + 1]];
      for (let bin = 0; bin < intervals; bin += 1) to[bin] = (a?.[bin] ?? 0) + (b?.[bin] ?? 0);
    }
  };
  return {
    add(batch) {
      const times = numbersOf(batch, "timeNs");
      const offsets = numbersOf(batch, "offsetBytes");
      let latest = duration;
      for (let row = 0; row < batch.numRows; row += 1) {
        const offset = offsets[row]!;
        const time = times[row]!;
        // Reads as false for a NaN, too.
        if (!(offset >= 0 && offset < 2 ** 60) || Number.isNaN(time)) continue;
        while (offset >= regions * regionBytes) double();
        if (time > latest) latest = time;
        bins.sums[Math.floor(offset / regionBytes)]![bins.binOf(time)]! += 1;
        requests += 1;
      }
      duration = latest;
    },
    result() {
      if (requests === 0) return undefined;
      const cells: { time: number; offset: number; requests: number }[] = [];
      const byRegion: number[] = [];
      for (const [region, counts] of bins.sums.entries()) {
        let sum = 0;
        for (let bin = 0; bin < bins.count; bin += 1) {
          if (counts[bin] === 0) continue;
          sum += counts[bin]!;
          cells.push({ time: bin * bins.width, offset: region * regionBytes, requests: counts[bin]! });
        }
        if (sum > 0) byRegion.push(sum);
      }
      byRegion.sort((a, b) => b - a);
      const hottest = byRegion.slice(0, Math.max(1, Math.round(byRegion.length / 10)));
      const table = new Table({
        timeS: makeVector(Float64Array.from(cells, ({ time }) => time / 1e9)),
        offsetBytes: makeVector(Float64Array.from(cells, ({ offset }) => offset)),
        requests: makeVector(Float64Array.from(cells, (cell) => cell.requests)),
      });
      const time = timeUnit(duration);
      const disk = byteUnit(cells.reduce((most, { offset }) => Math.max(most, offset), 0) + regionBytes);
      const values = cells.map((cell) => ({
        from: cell.time / time.ns,
        to: (cell.time + bins.width) / time.ns,
        low: cell.offset / disk.bytes,
        high: (cell.offset + regionBytes) / disk.bytes,
        requests: cell.requests,
      }));
      const region = byteUnit(3 * regionBytes);
      const axis = (title: string, unit: string) => ({ title: `${title} (${unit})`, grid: false });
      const options = {
        title: "Hot spots",
        subtitle: `requests by place and time, regions of ${regionBytes / region.bytes} ${region.unit}`,
      };
      const chart = framed(options, [], `Map: requests by place on the disk (${disk.unit}) and time (${time.unit}).`, {
        width: 560,
        height: 240,
        data: { values },
        mark: { type: "rect" },
        encoding: {
          x: {
            field: "from",
            type: "quantitative",
            axis: axis("time", time.unit),
            scale: { zero: false, nice: false },
          },
          x2: { field: "to" },
          y: { field: "low", type: "quantitative", axis: axis("place on the disk", disk.unit), scale: { nice: false } },
          y2: { field: "high" },
          color: {
            field: "requests",
            type: "quantitative",
            title: "requests",
            // Between white paper and the map's darkest colour, few requests must be seen too.
            scale: { type: "symlog", scheme: "viridis", reverse: true },
            legend: { direction: "horizontal", orient: "top", gradientLength: 160 },
          },
          tooltip: [
            { field: "from", type: "quantitative", title: `time (${time.unit})`, format: ".4~g" },
            { field: "low", type: "quantitative", title: `place (${disk.unit})`, format: ".4~g" },
            { field: "requests", type: "quantitative", title: "requests" },
          ],
        },
      });
      return characteristic(table, chart, {
        regionBytes,
        intervalNs: bins.width,
        hottest10Share: hottest.reduce((sum, count) => sum + count, 0) / requests,
      });
    },
  };
}
