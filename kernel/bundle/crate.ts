import { extname } from "node:path";
import type { Author } from "./citation.ts";

/** A file of a bundle. */
export interface CrateFile {
  /** Relative to the bundle, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** What it is, in a few words. */
  readonly name: string;
  /** Of the catalogue that says where it is from: an SPDX identifier. */
  readonly license?: string | undefined;
  /** Where it is to be had, for one that is not in the archive. */
  readonly url?: string | undefined;
  /** Whether a person reads it as a program. */
  readonly isProgram?: boolean;
}

/** A dataset that comes with veelab's package. */
export interface CrateDataset {
  /** `guest/blkio-sqlite`. */
  readonly name: string;
  readonly title: string;
  /** In veelab's package. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mediatype: string;
  readonly licenses: readonly string[];
  readonly sources: readonly { readonly title: string; readonly path?: string }[];
}

/** What the metadata of a bundle say. */
export interface CrateDescription {
  readonly title: string;
  /** `2026-11-28`. */
  readonly date: string;
  readonly license: string | undefined;
  readonly authors: readonly Author[];
  /** All files but the metadata's own. */
  readonly files: readonly CrateFile[];
  readonly datasets: readonly CrateDataset[];
  /** A run for each notebook, by the paths of its files and the names of its datasets. */
  readonly runs: readonly {
    readonly notebook: string;
    readonly inputs: readonly string[];
    readonly datasets: readonly string[];
    /** Why it did not run to its end. */
    readonly failure?: string | undefined;
  }[];
  readonly software: {
    readonly veelab: string;
    readonly node: string;
    readonly platform: string;
    readonly tarball: string;
  };
}

/** The name of the metadata's file, which RO-Crate fixes. */
export const metadataName = "ro-crate-metadata.json";

type Entity = {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [field: string]: unknown;
};
const ref = (id: string): { readonly "@id": string } => ({ "@id": id });
const spdx = (license: string): string => `https://spdx.org/licenses/${license}`;
/** A path as a relative reference: its `#` and `?` are no fragment and no query. */
const uriOf = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
const fileId = ({ path, url }: CrateFile): string => url ?? uriOf(path);
const datasetId = (name: string): string => `#dataset/${uriOf(name)}`;

/**
 * The metadata of a bundle as RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), with SHA-256 by schema.org's term: the archive's files, veelab's datasets, who made it, the software, and a
 * CreateAction for the run of each notebook. The same description gives the same text.
 */
export function crateMetadata(of: CrateDescription): string {
  const { files, datasets, authors, license, software, runs } = of;
  const idOf = new Map(files.map((file) => [file.path, fileId(file)]));
  const people = authors.map(authorEntity);
  const licenses = new Set([
    ...(license === undefined ? [] : [license]),
    ...files.flatMap((file) => file.license ?? []),
    ...datasets.flatMap((dataset) => dataset.licenses),
  ]);
  const graph: readonly Entity[] = [
    {
      ...{ "@id": metadataName, "@type": "CreativeWork" },
      ...{ conformsTo: ref("https://w3id.org/ro/crate/1.1"), about: ref("./") },
    },
    {
      ...{ "@id": "./", "@type": "Dataset", name: of.title, datePublished: of.date },
      description: `${runs.map(({ notebook }) => notebook).join(", ")} with outputs, data and software: node run.mjs runs it again and compares.`,
      ...(license === undefined ? {} : { license: ref(spdx(license)) }),
      ...(people.length === 0 ? {} : { author: people.map(({ "@id": id }) => ref(id)) }),
      hasPart: files.map((file) => ref(fileId(file))),
      mainEntity: ref(idOf.get(runs[0]!.notebook)!),
      mentions: [
        ...runs.map(({ notebook }) => ref(runId(notebook))),
        ...datasets.map(({ name }) => ref(datasetId(name))),
      ],
    },
    ...files.map(fileEntity),
    ...datasets.map((dataset) => datasetEntity(dataset, software.tarball)),
    ...runs.map((run): Entity => {
      const objects = [...run.inputs.map((path) => idOf.get(path)!), ...run.datasets.map(datasetId)];
      return {
        ...{ "@id": runId(run.notebook), "@type": "CreateAction", name: `Run of ${run.notebook}` },
        description: `Every cell, in order, on Node ${software.node}, ${software.platform}`,
        ...{ instrument: [ref("#veelab"), ref("#node")], object: objects.map(ref) },
        result: [ref(idOf.get(run.notebook)!)],
        ...(run.failure === undefined
          ? { actionStatus: ref("http://schema.org/CompletedActionStatus") }
          : { actionStatus: ref("http://schema.org/FailedActionStatus"), error: run.failure }),
      };
    }),
    {
      ...{ "@id": "#veelab", "@type": "SoftwareApplication", name: "veelab", version: software.veelab },
      ...{ softwareVersion: software.veelab, hasPart: [ref(uriOf(software.tarball))] },
    },
    {
      ...{ "@id": "#node", "@type": "SoftwareApplication", name: "Node.js", version: software.node },
      ...{ softwareVersion: software.node, url: "https://nodejs.org/" },
    },
    ...people,
    ...[...licenses].sort().map((name): Entity => ({ "@id": spdx(name), "@type": "CreativeWork", name })),
  ];
  const context = ["https://w3id.org/ro/crate/1.1/context", { sha256: "https://schema.org/sha256" }];
  return `${JSON.stringify({ "@context": context, "@graph": graph }, undefined, 2)}\n`;
}

const runId = (notebook: string): string => `#run/${uriOf(notebook)}`;

function fileEntity(file: CrateFile): Entity {
  return {
    "@id": fileId(file),
    "@type": file.isProgram === true ? ["File", "SoftwareSourceCode"] : "File",
    name: file.name,
    encodingFormat: encodingOf(file.path),
    contentSize: String(file.bytes),
    sha256: file.sha256,
    ...(file.license === undefined ? {} : { license: ref(spdx(file.license)) }),
    ...(file.url === undefined ? {} : { alternateName: file.path }),
  };
}

function datasetEntity(dataset: CrateDataset, tarball: string): Entity {
  return {
    ...{ "@id": datasetId(dataset.name), "@type": "CreativeWork", name: dataset.title, alternateName: dataset.path },
    ...{ encodingFormat: dataset.mediatype, contentSize: String(dataset.bytes), sha256: dataset.sha256 },
    license: dataset.licenses.map((name) => ref(spdx(name))),
    isBasedOn: dataset.sources.map(({ title, path }) => path ?? title),
    isPartOf: ref(uriOf(tarball)),
  };
}

function authorEntity({ name, isPerson, orcid }: Author): Entity {
  return { "@id": orcid ?? `#author/${encodeURIComponent(name)}`, "@type": isPerson ? "Person" : "Organization", name };
}

const ENCODINGS: Readonly<Record<string, string>> = {
  ".ipynb": "application/x-ipynb+json",
  ".json": "application/json",
  ".csv": "text/csv",
  ".md": "text/markdown",
  ".txt": "text/plain",
  ".ts": "text/typescript",
  ".mts": "text/typescript",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".gz": "application/gzip",
  ".tgz": "application/gzip",
  ".zst": "application/zstd",
  ".arrow": "application/vnd.apache.arrow.file",
  ".parquet": "application/vnd.apache.parquet",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

const encodingOf = (path: string): string => ENCODINGS[extname(path).toLowerCase()] ?? "application/octet-stream";
