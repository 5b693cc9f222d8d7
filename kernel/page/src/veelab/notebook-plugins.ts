export const notebookPlugins = (_view: string) => [];
