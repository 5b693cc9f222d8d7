import { HttpError } from "../http/route.ts";
import { absent, shown } from "./api-path.ts";

/**
 * Does what asks the file system for something at `path`.
 *
 * @throws HttpError in one sentence where the file system refuses
 */
export async function at<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw refusal(path, cause);
  }
}

/** The file system's error as a refusal that names the path of the API, and no other; any other error as it is. */
export function refusal(path: string, cause: unknown): unknown {
  const code = errorCode(cause);
  if (code === undefined) return cause;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return absent(path);
    case "ENAMETOOLONG":
      return new HttpError(400, `${shown(path)}: the name is longer than the file system takes`, { cause });
    case "EILSEQ":
    case "EINVAL":
      return new HttpError(400, `${shown(path)}: the file system does not take this`, { cause });
    case "EACCES":
    case "EPERM":
      return new HttpError(403, `${shown(path)}: permission denied`, { cause });
    case "EROFS":
      return new HttpError(403, `${shown(path)}: the file system is read-only`, { cause });
    case "ENOSPC":
    case "EDQUOT":
      return new HttpError(507, `${shown(path)}: the disk is full; what was there before is unchanged`, { cause });
    case "EFBIG":
      return new HttpError(413, `${shown(path)}: the file would be larger than the system allows`, { cause });
    case "EISDIR":
      return new HttpError(400, `expected a file at ${shown(path)}, found a folder`, { cause });
    case "EEXIST":
      return new HttpError(409, `${shown(path)} already exists`, { cause });
    case "ENOTEMPTY":
      return new HttpError(400, `the folder ${shown(path)} is not empty`, { cause });
    case "EBUSY":
    case "ETXTBSY":
      return new HttpError(409, `${shown(path)} is in use by the system`, { cause });
    case "EMFILE":
    case "ENFILE":
      return new HttpError(503, `${shown(path)}: too many files are open; try again`, { cause });
    default:
      return new HttpError(500, `${shown(path)}: the file system reports ${code}`, { cause });
  }
}

/** The code of an error of the file system: undefined for any other. */
export function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && "syscall" in cause ? (cause as NodeJS.ErrnoException).code : undefined;
}
