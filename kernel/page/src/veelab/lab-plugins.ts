export const labPlugins = [];
