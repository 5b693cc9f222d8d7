import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { addToCatalogue, open, query } from "../../index.ts";
import { signS3 } from "../sign-s3.ts";

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret", region: "eu-central-1" };

describe("datasets elsewhere", () => {
  let folder: string;
  let server: Server;
  let origin: string;
  let hash: string;
  const asked: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "veelab-remote-"));
    await writeFile(join(folder, "disk (1).csv"), "time_s,bytes\n0,4096\n1,8192\n");
    ({ hash } = await addToCatalogue(join(folder, "disk (1).csv"), { name: "lab/disk" }, folder));
    // Files below /, and, for who can sign, below /bucket/traces/.
    server = createServer((request, response) => {
      const path = request.url ?? "";
      asked.push(path);
      const url = new URL(path, `http://${request.headers.host ?? ""}`);
      const time = String(request.headers["x-amz-date"]);
      const { authorization } = signS3({ method: "GET", url, time }, credentials);
      const isBucket = path.startsWith("/bucket/traces/");
      if (isBucket && request.headers.authorization !== authorization) response.writeHead(403).end();
      else
        readFile(join(folder, decodeURIComponent(path.replace("/bucket/traces", "")))).then(
          (bytes) => response.end(bytes),
          () => response.writeHead(404).end(),
        );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "veelab-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", cache);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true, force: true });
  });

  it("are found by name and by content in a folder that machines share", async () => {
    vi.stubEnv("VEELAB_DATASETS", folder);
    expect((await open("lab/disk")).numRows).toBe(2);
    expect((await open(hash)).numRows).toBe(2);
    expect((await query(`select sum(bytes) as bytes from "lab/disk"`)).getChild("bytes")?.get(0)).toBe(12288);
  });

  it("are brought from an address once, and kept by their content", async () => {
    vi.stubEnv("VEELAB_DATASETS", origin);
    expect((await open("lab/disk")).numRows).toBe(2);
    asked.length = 0;
    expect((await open(hash)).numRows).toBe(2);
    expect(asked).toEqual([]);
    expect(await readdir(join(cache, "veelab", "datasets"))).toEqual([hash.replace(":", "-")]);
  });

  it("come from a bucket of S3's interface, by a signed request", async () => {
    vi.stubEnv("VEELAB_DATASETS", "s3://bucket/traces/");
    vi.stubEnv("AWS_ENDPOINT_URL_S3", origin);
    vi.stubEnv("AWS_REGION", credentials.region);
    await expect(open("lab/disk")).rejects.toThrow(
      'VEELAB_DATASETS: expected datapackage.json at s3://bucket/traces/, got "403 Forbidden"',
    );
    vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
    expect((await open("lab/disk")).numRows).toBe(2);
    expect(asked).toContain("/bucket/traces/disk%20%281%29.csv");
  });

  it("are refused, and not kept, where the content is not the catalogue's", async () => {
    const other = await mkdtemp(join(folder, "other-"));
    await cp(join(folder, "datapackage.json"), join(other, "datapackage.json"));
    await writeFile(join(other, "disk (1).csv"), "time_s,bytes\n0,4096\n1,9999\n");
    vi.stubEnv("VEELAB_DATASETS", `${origin}/${other.slice(folder.length + 1)}`);
    await expect(open("lab/disk")).rejects.toThrow(/: expected the catalogue's sha256:\w{64}, got sha256:\w{64}$/);
    expect(await readdir(join(cache, "veelab", "datasets"))).toEqual([]);
  });

  it("do not stand before a file of the name; and what is wrong with a place is one sentence", async () => {
    vi.stubEnv("VEELAB_DATASETS", "relative/folder");
    await expect(open("lab/disk")).rejects.toThrow(
      'VEELAB_DATASETS: expected absolute folders, http(s):// or s3:// addresses, separated by spaces, got "relative/folder"',
    );
    vi.stubEnv("VEELAB_DATASETS", "http://127.0.0.1:1");
    expect((await open(join(folder, "disk (1).csv"))).numRows).toBe(2);
    await expect(open("lab/disk")).rejects.toThrow(
      /^VEELAB_DATASETS: expected an answer from http:\/\/127\.0\.0\.1:1, got "[^"\n]+"$/,
    );
    vi.stubEnv("VEELAB_DATASETS", origin);
    await expect(open("lab/none")).rejects.toThrow(/^source: expected a file that exists or a name of the catalogue/);
  });
});
