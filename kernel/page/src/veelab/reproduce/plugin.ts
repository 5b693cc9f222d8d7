import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig } from "@jupyterlab/coreutils";
import type { ServerConnection } from "@jupyterlab/services";

import { category, commandIds } from "../command-ids.ts";
import { reproduceIcon } from "../icons.ts";
import { progressNotice } from "../progress-notice.ts";
import { type Reproduction, reproduction } from "./reproduction.ts";

const everyMs = 700;

/** "Reproduce all": the server runs every paper's notebook; the page shows its progress, and the report. */
export const reproduceAll: JupyterFrontEndPlugin<void> = {
  id: "@veelab/page:reproduce",
  autoStart: true,
  optional: [ICommandPalette],
  activate({ commands, serviceManager: { serverSettings } }: JupyterFrontEnd, palette: ICommandPalette | null) {
    let followed = false;
    commands.addCommand(commandIds.reproduceAll, {
      label: "Reproduce all",
      caption: "Run every paper's notebook and make the report of verdicts",
      icon: reproduceIcon,
      isEnabled: () => !followed,
      describedBy: { args: { type: "object", properties: {} } },
      async execute() {
        if (followed) return;
        followed = true;
        commands.notifyCommandChanged(commandIds.reproduceAll);
        try {
          await reproduction("POST", serverSettings);
          await follow(serverSettings);
        } catch (error) {
          await showErrorMessage("The notebooks were not reproduced", error as Error);
        } finally {
          followed = false;
          commands.notifyCommandChanged(commandIds.reproduceAll);
        }
      },
    });
    palette?.addItem({ command: commandIds.reproduceAll, category });
  },
};

/** Shows the progress until the server has ended it. */
async function follow(settings: ServerConnection.ISettings): Promise<void> {
  const notice = progressNotice("Reproducing all papers", () => {
    notice.show("Cancelling");
    reproduction("DELETE", settings).catch((error: unknown) => {
      notice.show(`It cannot be cancelled: ${(error as Error).message}`);
    });
  });
  try {
    for (;;) {
      const now = await reproduction("GET", settings);
      if (now?.state !== "running") return tellEnd(notice, now);
      notice.show(
        `Reproducing all papers: ${withoutFolders(now.line)}`,
        now.total > 0 ? now.done / now.total : undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  } catch (error) {
    notice.end("error", `The reproduction can no longer be followed: ${(error as Error).message}`);
  }
}

/** The notebook's name is enough. */
function withoutFolders(line: string): string {
  return line.replace(/\S*[\\/](?=[^\\/\s]+\.ipynb)/u, "");
}

function tellEnd(notice: ReturnType<typeof progressNotice>, now: Reproduction | undefined): void {
  const message = now?.message ?? "";
  if (now?.state !== "done") {
    notice.end(
      now?.state === "failed" ? "error" : "info",
      message === "" ? "The reproduction was cancelled." : message,
    );
    return;
  }
  const { report } = now;
  const open = (): void => {
    window.open(new URL(report ?? "", PageConfig.getBaseUrl()), "_blank");
  };
  const actions = report === null ? [] : [{ label: "Open the report", callback: open, displayType: "accent" as const }];
  notice.end(
    message === "" ? "success" : "warning",
    message === "" ? "All notebooks have run: the report says what agrees." : message,
    actions,
  );
}
