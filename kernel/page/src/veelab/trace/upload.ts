import { PathExt } from "@jupyterlab/coreutils";
import type { Contents } from "@jupyterlab/services";

// A multiple of three, so that each part's base64 has no padding and needs no more than one message.
const partBytes = 3 * 512 * 1024;

/**
 * Puts a file into a folder of the server, in parts: a trace may be larger than what one request holds.
 *
 * @param onPart called with the share that is there
 * @returns the file's path
 */
export async function upload(
  file: File,
  folder: string,
  contents: Contents.IManager,
  onPart: (share: number) => void,
): Promise<string> {
  const path = PathExt.join(folder, file.name);
  const parts = Math.max(1, Math.ceil(file.size / partBytes));
  for (let part = 1; part <= parts; part++) {
    const content = await base64(file.slice((part - 1) * partBytes, part * partBytes));
    const model = { type: "file" as const, format: "base64" as const, name: file.name, content };
    // Jupyter counts parts from 1; the last one is -1, and a file of one part has no number.
    const chunk = part < parts ? part : -1;
    await contents.save(path, parts === 1 ? model : { ...model, chunk });
    onPart(part / parts);
  }
  return path;
}

async function base64(part: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error(`the file cannot be read: ${reader.error?.message ?? ""}`));
  });
  reader.readAsDataURL(part);
  const url = await read;
  return url.slice(url.indexOf(",") + 1);
}
