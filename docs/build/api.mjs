import { Converter, ReflectionKind } from "typedoc";
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
