/** Who made something: a person, with an ORCID where it is known, or a group by its name. */
export interface Author {
  readonly name: string;
  readonly isPerson: boolean;
  readonly orcid?: string;
}

/**
 * The authors of a CITATION.cff (Citation File Format 1.2): the first list `authors`, of `name`, or `family-names`, `given-names` and `orcid`, each on a line
 * of its own. Values are plain or quoted, as the format's own tools write them.
 */
export function authorsOf(citation: string): readonly Author[] {
  const [, list = ""] = /^authors:[ \t]*\r?\n((?:[ \t]+.*\r?\n?|- .*\r?\n?|\r?\n)*)/mu.exec(citation) ?? [];
  return list
    .split(/^[ \t]*- /mu)
    .slice(1)
    .map((entry) => {
      const field = (key: string): string | undefined => {
        const text = new RegExp(`^[ \\t]*${key}:[ \\t]*(.*?)[ \\t]*$`, "mu").exec(entry)?.[1];
        return text === undefined || text === "" ? undefined : text.replace(/^(["'])(.*)\1$/u, "$2");
      };
      const person = [field("given-names"), field("name-particle"), field("family-names")].filter(
        (part) => part !== undefined,
      );
      const orcid = field("orcid");
      const name = person.length > 0 ? person.join(" ") : (field("name") ?? "");
      return { name, isPerson: person.length > 0, ...(orcid === undefined ? {} : { orcid }) };
    })
    .filter(({ name }) => name !== "");
}
