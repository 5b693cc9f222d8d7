import { Notification } from "@jupyterlab/apputils";

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
  return {
    show(text, share) {
      Notification.update({ id, message: text, ...(share === undefined ? {} : { progress: share }) });
    },
    end(kind, text, endActions = []) {
      // What offers nothing more to do goes by itself.
      const autoClose: number | false = kind === "success" && endActions.length === 0 ? 4000 : false;
      const options = { actions: endActions, autoClose };
      const shown = Notification.update({ id, message: text, type: kind, ...options });
      // One that was closed meanwhile comes again: its end is news.
      if (!shown) Notification.emit(text, kind, options);
    },
  };
}
