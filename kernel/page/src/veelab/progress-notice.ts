import { Notification } from "@jupyterlab/apputils";

type Update = Parameters<typeof Notification.update>[0];
type Ending = "success" | "warning" | "error" | "info";

/** A notification that says how far something is, and in the end how it went. */
export interface ProgressNotice {
  /** @param share of the work that is done, from 0 to 1; unknown unless given */
  show(message: string, share?: number): void;
  end(kind: Ending, message: string, actions?: Notification.IAction[]): void;
}

/** @param cancel what its button does; it has none unless given */
export function progressNotice(message: string, cancel?: () => void): ProgressNotice {
  const actions: Notification.IAction[] = [];
  if (cancel !== undefined) {
    actions.push({
      label: "Cancel",
      callback(event) {
        // It stays, to say how it went.
        event.preventDefault();
        cancel();
      },
    });
  }
  const id = Notification.emit(message, "in-progress", { autoClose: false, actions });
  let latest: Update = { id, message };
  const update = (change: Omit<Update, "id">): boolean => {
    latest = { id, ...change };
    return Notification.update(latest);
  };
  // JupyterLab loses what comes before a notification is drawn, and until React has run the effects of drawing it, which
  // is later than its element is there: it is said again.
  whenDrawn(id, () => setTimeout(() => Notification.update(latest), 100));
  return {
    show(text, share) {
      update({ message: text, ...(share === undefined ? {} : { progress: share }) });
    },
    end(kind, text, endActions = []) {
      // What offers nothing more to do goes by itself.
      const autoClose: number | false = kind === "success" && endActions.length === 0 ? 4000 : false;
      const options = { actions: endActions, autoClose };
      // One that was closed meanwhile comes again: its end is news.
      if (!update({ message: text, type: kind, ...options })) Notification.emit(text, kind, options);
    },
  };
}

/** Calls once there is an element with this id. */
function whenDrawn(id: string, then: () => void): void {
  const observer = new MutationObserver(() => {
    if (document.getElementById(id) === null) return;
    observer.disconnect();
    then();
  });
  observer.observe(document.body, { childList: true, subtree: true });
}
