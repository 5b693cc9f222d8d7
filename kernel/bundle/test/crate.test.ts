import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorsOf } from "../citation.ts";
import { type CrateDescription, crateMetadata } from "../crate.ts";
import { crateProblems } from "./crate-rules.ts";

const word = fc
  .stringMatching(/^[\p{L}\d_ .'&#?%-]{1,12}$/u)
  .filter((text) => text.trim() !== "" && !/^\.+$/.test(text));
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const license = fc.constantFrom("Apache-2.0", "MIT", "CC-BY-4.0");
const paths = fc.uniqueArray(
  fc.tuple(word, word).map(([folder, file]) => `notebooks/${folder}/${file}.csv`),
  { maxLength: 6 },
);

const description = fc
  .record({
    title: word,
    license: fc.option(license, { nil: undefined }),
    authors: fc.uniqueArray(fc.record({ name: word, isPerson: fc.boolean() }), {
      selector: ({ name }) => name,
      maxLength: 3,
    }),
    data: paths,
    hash,
    elsewhere: fc.boolean(),
    datasets: fc.uniqueArray(fc.record({ name: word, licenses: fc.array(license, { minLength: 1, maxLength: 2 }) }), {
      ...{ selector: ({ name }: { name: string }) => name, maxLength: 3 },
    }),
  })
  .map(({ title, license: given, authors, data, hash: sha256, elsewhere, datasets }): CrateDescription => {
    const file = (path: string) => ({ path, sha256, bytes: 7, name: path });
    const [first, ...others] = data;
    return {
      ...{ title, license: given, authors, date: "2026-01-31" },
      files: [
        ...["notebooks/one.ipynb", "run.mjs", "vendor/veelab-0.1.0.tgz"].map(file),
        ...(first === undefined
          ? []
          : [{ ...file(first), ...(elsewhere ? { url: "https://example.org/one.csv" } : {}) }]),
        ...others.map((path) => ({ ...file(path), license: "MIT" })),
      ],
      datasets: datasets.map(({ name, licenses }) => ({
        ...{ name, title: name, path: `datasets/data/${name}`, sha256, bytes: 1, mediatype: "text/csv", licenses },
        sources: [{ title: "somewhere" }],
      })),
      runs: [
        {
          notebook: "notebooks/one.ipynb",
          inputs: ["notebooks/one.ipynb", ...data],
          datasets: datasets.map(({ name }) => name),
        },
      ],
      software: { veelab: "0.1.0", node: "20.19.0", platform: "linux x64", tarball: "vendor/veelab-0.1.0.tgz" },
    };
  });

describe("the metadata of a bundle", () => {
  it("are an RO-Crate 1.1, whatever is in it", () => {
    fc.assert(
      fc.property(description, (given) => {
        const archived = given.files.filter(({ url }) => url === undefined).map(({ path }) => path);
        expect(crateProblems(crateMetadata(given), [...archived, "ro-crate-metadata.json"])).toEqual([]);
      }),
    );
  });

  it("that lack something are told from those", () => {
    const [given] = fc.sample(description, { numRuns: 1, seed: 1 });
    const text = crateMetadata(given!);
    const archived = given!.files.filter(({ url }) => url === undefined).map(({ path }) => path);
    expect(crateProblems(text, [...archived, "more.csv"])).toEqual(["more.csv is not in the metadata"]);
    expect(crateProblems(text, archived.slice(1))).toEqual(["the file notebooks/one.ipynb is not in the archive"]);
    expect(crateProblems(text.replace('"@id": "#node"', '"@id": "#nodes"'), archived)).not.toEqual([]);
    expect(crateProblems(text.replace("crate/1.1/context", "crate/1.2/context"), archived)).toEqual([
      "the context is not that of 1.1",
    ]);
  });
});

describe("the authors of a CITATION.cff", () => {
  it("are persons and groups, plain or quoted", () => {
    const text = `cff-version: 1.2.0
authors:
  - family-names: "O'Hara"
    given-names: Ann
    orcid: https://orcid.org/0000-0002-1825-0097
  - name: 'The veelab developers'

  - family-names: Beethoven
    name-particle: van
    given-names: Ludwig
keywords: [a]
references:
  - authors:
      - name: somebody else
`;
    expect(authorsOf(text)).toEqual([
      { name: "Ann O'Hara", isPerson: true, orcid: "https://orcid.org/0000-0002-1825-0097" },
      { name: "The veelab developers", isPerson: false },
      { name: "Ludwig van Beethoven", isPerson: true },
    ]);
    expect(authorsOf("authors:\n- name: A\n- name: B\ntitle: x\n").map(({ name }) => name)).toEqual(["A", "B"]);
    expect(authorsOf("title: none")).toEqual([]);
  });
});
