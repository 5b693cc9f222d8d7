import { readFileSync } from "node:fs";
import { Application, Comment, Converter, ReflectionKind } from "typedoc";
import { apiEntries } from "./api-entries.mjs";

const models = readFileSync(new URL("../explanations/models.md", import.meta.url), "utf8");

/** A plugin of TypeDoc: modules are named as they are imported, not by where their source lies. */
export function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const entry = apiEntries.find(({ source }) => source === `${module.name}/index.ts`);
      if (entry === undefined) continue;
      if (models.includes(`${module.name}/PAPER.md`)) module.comment ??= ofPaper(module.name);
      module.name = entry.name;
    }
  });
}

/** What the module of a paper's system says first: which paper it is, and where its pages are. */
function ofPaper(folder) {
  const name = folder.split("/").at(-1);
  const [, title] = /^# (.*)$/m.exec(readFileSync(new URL(`../../${folder}/PAPER.md`, import.meta.url), "utf8"));
  const model = `../documents/Explanations.The_models.${name}.html`;
  return new Comment([
    { kind: "text", text: `${title}.\n\n[The model](${model}), [the notebook](../notebooks/${name}.html).` },
  ]);
}

/** A plugin of TypeDoc: where a name is defined is said, and not linked, as the sources are no part of the site. */
export function unlinkSources(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections))
      for (const source of [
        ...(reflection.sources ?? []),
        ...(reflection.signatures ?? []).flatMap((s) => s.sources ?? []),
      ])
        delete source.url;
  });
}

/** A plugin of TypeDoc: the template of new papers is checked as what is made of it will be, and is no part of the site. */
export function leaveTemplateOut(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    const template = project
      .getReflectionsByKind(ReflectionKind.Module)
      .find(({ name }) => name.endsWith("/paper-template"));
    if (template === undefined) return;
    project.removeReflection(template);
    for (const group of project.groups ?? []) group.children = group.children.filter((child) => child !== template);
  });
}
