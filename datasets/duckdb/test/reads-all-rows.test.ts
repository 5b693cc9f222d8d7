import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary.ts";
import { readsAllRows } from "../reads-all-rows.ts";

describe("a query over a CSV file", () => {
  const folder = temporaryFolder();

  it.each([
    ["from t", true],
    ["select a + 1 from t where b > 1", true],
    ["select a, sum(b) from t group by a order by a", true],
    ["select count(*) from t", true],
    ["select a from t union all select b from t", true],
    ["select a from t order by b limit 1", true],
    ["from t limit 1", false],
    ["from t where false", false],
    ["from t join (select 1 as a where false) using (a)", false],
    ["select 1 where exists (from t)", false],
  ])("reads all rows, by its plan: %s: %s", async (sql, all) => {
    const path = folder.write("t.csv", "a,b\n1,2\n3,4\n");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`create view t as from read_csv('${path}')`);

    expect(await readsAllRows(connection, sql)).toBe(all);
    connection.closeSync();
  });
});
