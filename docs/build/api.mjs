import { Application, Converter, ReflectionKind } from "typedoc";
import { apiEntries } from "./api-entries.mjs";

/** A plugin of TypeDoc: modules are named as they are imported, not by where their source lies. */
export function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const entry = apiEntries.find(({ source }) => source === `${module.name}/index.ts`);
      if (entry !== undefined) module.name = entry.name;
    }
  });
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
