type Entity = Readonly<Record<string, unknown>> & { readonly "@id": string; readonly "@type": unknown };

const isEntity = (value: unknown): value is Entity =>
  typeof value === "object" && value !== null && typeof (value as Entity)["@id"] === "string";
const typesOf = (entity: Entity): readonly unknown[] => [entity["@type"]].flat();
const refsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.flatMap(refsIn) : isEntity(value) ? [value["@id"]] : [];
const isAddress = (id: string): boolean => /^[a-z][a-z0-9+.-]*:/iu.test(id);

/** What RO-Crate 1.1 (https://w3id.org/ro/crate/1.1, sections on the descriptor, the root, data and contextual entities) does not allow in a crate: a sentence each. */
export function crateProblems(text: string, files: readonly string[]): readonly string[] {
  const crate = JSON.parse(text) as { readonly "@context"?: unknown; readonly "@graph": readonly Entity[] };
  const problems: string[] = [];
  const rule = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const graph = crate["@graph"];
  const byId = new Map(graph.map((entity) => [entity["@id"], entity]));
  rule([crate["@context"]].flat()[0] === "https://w3id.org/ro/crate/1.1/context", "the context is not that of 1.1");
  rule(byId.size === graph.length, "an @id stands twice");
  const descriptor = byId.get("ro-crate-metadata.json");
  rule(descriptor?.["@type"] === "CreativeWork", "the descriptor is no CreativeWork");
  rule(refsIn(descriptor?.["conformsTo"])[0] === "https://w3id.org/ro/crate/1.1", "it does not conform to 1.1");
  rule(refsIn(descriptor?.["about"])[0] === "./", "it is not about the root");
  const root = byId.get("./");
  rule(root?.["@type"] === "Dataset", "the root is no Dataset");
  for (const field of ["name", "description"])
    rule(typeof root?.[field] === "string" && root[field] !== "", `the root has no ${field}`);
  rule(/^\d{4}-\d\d-\d\d$/u.test(String(root?.["datePublished"])), "the root has no day of publication");
  const parts = new Set(refsIn(root?.["hasPart"]));
  for (const entity of graph) {
    const id = entity["@id"];
    rule(
      typesOf(entity).every((type) => typeof type === "string"),
      `${id} has no type`,
    );
    for (const [field, value] of Object.entries(entity).filter(([name]) => !name.startsWith("@")))
      for (const to of refsIn(value))
        rule(
          byId.has(to) || (field === "conformsTo" && isAddress(to)) || field === "actionStatus",
          `${id}: ${field} refers to ${to}, which is not there`,
        );
    for (const [field, value] of Object.entries(entity).filter(([name]) => !name.startsWith("@")))
      rule(
        [value].flat().every((each) => typeof each !== "object" || (isEntity(each) && Object.keys(each).length === 1)),
        `${id}: ${field} nests an entity`,
      );
    if (!typesOf(entity).includes("File")) continue;
    rule(parts.has(id), `the file ${id} is no part of the root`);
    rule(/^[0-9a-f]{64}$/u.test(String(entity["sha256"])), `${id} has no hash`);
    rule(/^\d+$/u.test(String(entity["contentSize"])), `${id} has no size`);
    rule(/^[a-z]+\/[\w.+-]+$/u.test(String(entity["encodingFormat"])), `${id} has no format`);
    rule(isAddress(id) || files.includes(decodeURIComponent(id)), `the file ${id} is not in the archive`);
  }
  for (const file of files)
    rule(
      file === "ro-crate-metadata.json" || parts.has(file.split("/").map(encodeURIComponent).join("/")),
      `${file} is not in the metadata`,
    );
  for (const action of graph.filter((entity) => typesOf(entity).includes("CreateAction")))
    for (const field of ["instrument", "object", "result"])
      rule(refsIn(action[field]).length > 0, `${action["@id"]} has no ${field}`);
  return problems;
}
