import { open, rm, type FileHandle } from "node:fs/promises";

import { modeOf, putInPlace, temporaryBeside } from "../../run/write-file-atomic.ts";
import { HttpError } from "../http/route.ts";
import { shown } from "./api-path.ts";
import { at } from "./refusal.ts";
import type { Place } from "./root.ts";
import { createSerial } from "./serial.ts";

/** Files that come in parts. */
export interface Uploads {
  /**
   * Takes one part. The file stays as it was until the last part is there.
   *
   * @param part counted from 1; `last` is the one that completes the file
   * @returns the bytes so far
   * @throws HttpError 400 where it is not the part that is next: the upload is then given up, since parts carry no mark
   *   of whose they are, and a file must not be made of two
   */
  add(place: Place, part: number | "last", bytes: Uint8Array): Promise<number>;
  /** Gives up what is not complete, and leaves nothing of it. */
  close(): Promise<void>;
}

interface Upload {
  readonly handle: FileHandle;
  readonly temporary: string;
  readonly timer: NodeJS.Timeout;
  next: number;
  size: number;
}

/**
 * @param abandonAfterMs how long a part is waited for
 * @param inTurn how the finished file is put in place: in turn with what else is changed
 */
export function createUploads(
  abandonAfterMs: number,
  inTurn: (place: Place, put: () => Promise<void>) => Promise<void>,
): Uploads {
  const uploads = new Map<string, Upload>();
  const serial = createSerial();

  const discard = async (file: string): Promise<void> => {
    const upload = uploads.get(file);
    if (upload === undefined) return;
    uploads.delete(file);
    clearTimeout(upload.timer);
    await upload.handle.close().catch(() => undefined);
    await rm(upload.temporary, { force: true }).catch(() => undefined);
  };

  const start = async ({ file }: Place): Promise<Upload> => {
    await discard(file);
    const temporary = temporaryBeside(file);
    const handle = await open(temporary, "wx", await modeOf(file));
    const timer = setTimeout(() => void serial(() => discard(file)), abandonAfterMs).unref();
    const upload: Upload = { handle, temporary, timer, next: 1, size: 0 };
    uploads.set(file, upload);
    return upload;
  };

  const finish = async (place: Place, { handle, temporary, timer }: Upload): Promise<void> => {
    await handle.sync();
    await handle.close();
    await inTurn(place, () => putInPlace(temporary, place.file));
    clearTimeout(timer);
    uploads.delete(place.file);
  };

  return {
    add: (place, part, bytes) =>
      serial(async () => {
        const upload = part === 1 ? await at(place.path, () => start(place)) : uploads.get(place.file);
        if (upload === undefined) throw outOfTurn(place.path, 1, part);
        try {
          if (part !== "last" && part !== upload.next) throw outOfTurn(place.path, upload.next, part);
          upload.timer.refresh();
          await at(place.path, async () => {
            await upload.handle.writeFile(bytes);
            upload.next += 1;
            upload.size += bytes.length;
            if (part === "last") await finish(place, upload);
          });
          return upload.size;
        } catch (cause) {
          await discard(place.file);
          throw cause;
        }
      }),
    close: () =>
      serial(async () => {
        for (const file of Array.from(uploads.keys())) await discard(file);
      }),
  };
}

function outOfTurn(path: string, wanted: number, part: number | "last"): HttpError {
  return new HttpError(
    400,
    `expected part ${wanted} of the upload of ${shown(path)}, got ${part === "last" ? "the last" : `part ${part}`}: upload it again`,
  );
}
