import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig } from "@jupyterlab/coreutils";
import type { ServerConnection } from "@jupyterlab/services";

import { category, commandIds } from "../command-ids.ts";
import { reproduceIcon } from "../icons.ts";
import { progressNotice } from "../progress-notice.ts";
import { changeReproduction, type Reproduction, reproduction } from "./reproduction.ts";

const everyMs = 700;

/** "Reproduce all": the server runs every paper's notebook; each page shows its progress, and the report. */
export const reproduceAll: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:reproduce",
  autoStart: true,
  optional: [ICommandPalette],
  activate({ commands, serviceManager: { serverSettings } }: JupyterFrontEnd, palette: ICommandPalette | null) {
    let followed = false;
    let lastReport: string | null = null;
    const follow = async (): Promise<void> => {
      followed = true;
      commands.notifyCommandChanged(commandIds.reproduceAll);
      lastReport = (await showProgress(serverSettings)) ?? lastReport;
      followed = false;
      commands.notifyCommandChanged(commandIds.reproduceAll);
      commands.notifyCommandChanged(commandIds.openReport);
    };
    commands.addCommand(commandIds.reproduceAll, {
      label: "Reproduce all",
      caption: "Run every paper's notebook and make the report of verdicts",
      icon: reproduceIcon,
      isEnabled: () => !followed,
      describedBy: { args: { type: "object", properties: {} } },
      async execute() {
        if (followed) return;
        try {
          await changeReproduction("POST", serverSettings);
        } catch (error) {
          await showErrorMessage("The notebooks were not reproduced", error as Error);
          return;
        }
        await follow();
      },
    });
    commands.addCommand(commandIds.openReport, {
      label: "Open the last report",
      caption: "Show the report of verdicts that the last run of all papers made",
      isEnabled: () => lastReport !== null,
      describedBy: { args: { type: "object", properties: {} } },
      execute() {
        openReport(lastReport ?? "");
      },
    });
    palette?.addItem({ command: commandIds.reproduceAll, category });
    palette?.addItem({ command: commandIds.openReport, category });
    // What runs when the page is loaded goes on to be shown.
    reproduction(serverSettings).then(
      async ({ state, report }) => {
        lastReport = report;
        commands.notifyCommandChanged(commandIds.openReport);
        if (state === "running" && !followed) await follow();
      },
      (error: unknown) => {
        console.warn("veelab: the server does not say whether all papers are being reproduced", error);
      },
    );
  },
};

/**
 * Shows the progress until the server has ended it.
 *
 * @returns where the report is, when there is one
 */
async function showProgress(settings: ServerConnection.ISettings): Promise<string | null> {
  const notice = progressNotice("Reproducing all papers", () => {
    notice.show("Cancelling");
    changeReproduction("DELETE", settings).catch((error: unknown) => {
      notice.show(`It cannot be cancelled: ${(error as Error).message}`);
    });
  });
  try {
    for (;;) {
      const now = await reproduction(settings);
      if (now.state !== "running") {
        tellEnd(notice, now);
        return now.report;
      }
      notice.show(
        `Reproducing all papers: ${withoutFolders(now.line)}`,
        now.total > 0 ? now.done / now.total : undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  } catch (error) {
    notice.end("error", `The reproduction can no longer be followed: ${(error as Error).message}`);
    return null;
  }
}

/** The notebook's name is enough. */
function withoutFolders(line: string): string {
  return line.replace(/\S*[\\/](?=[^\\/\s]+\.ipynb)/u, "");
}

function tellEnd(notice: ReturnType<typeof progressNotice>, { state, message, report }: Reproduction): void {
  if (state !== "done") {
    notice.end(state === "failed" ? "error" : "info", message ?? "The reproduction was cancelled.");
    return;
  }
  const open = (): void => {
    openReport(report ?? "");
  };
  const actions = report === null ? [] : [{ label: "Open the report", callback: open, displayType: "accent" as const }];
  notice.end(
    message === null ? "success" : "warning",
    message ?? "All notebooks have run: the report says what agrees.",
    actions,
  );
}

function openReport(path: string): void {
  window.open(new URL(path, PageConfig.getBaseUrl()), "_blank");
}
