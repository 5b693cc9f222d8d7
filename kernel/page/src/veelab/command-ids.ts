/** The commands that the laboratory adds; the menus and toolbars in `schemas/actions.json` name them too. */
export const commandIds = {
  about: "veelab:about",
  bringTrace: "veelab:bring-your-own-trace",
  exportHtml: "veelab:export-html",
  openReport: "veelab:open-the-last-report",
  reproduceAll: "veelab:reproduce-all",
} as const;

/** Under which the command palette and the launcher show them. */
export const category = "veelab";
