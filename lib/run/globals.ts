import { runInNewContext } from "node:vm";

/** What Node has beside the language, in every thread. A notebook's own globals (`display`, `widgets`) are not there. */
const PLATFORM =
  `AbortController AbortSignal Blob BroadcastChannel Buffer CompressionStream CountQueuingStrategy Crypto CryptoKey
  CustomEvent DOMException DecompressionStream Event EventTarget File FormData Headers MessageChannel MessageEvent MessagePort
  Performance ReadableStream Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream
  URL URLSearchParams WebSocket WritableStream atob btoa clearImmediate clearInterval clearTimeout console crypto fetch global
  navigator performance process queueMicrotask setImmediate setInterval setTimeout structuredClone`.split(/\s+/);

let names: ReadonlySet<string> | undefined;

/** Whether a name is of the language or of Node. */
export function isGlobal(name: string): boolean {
  names ??= new Set([
    ...(runInNewContext("Object.getOwnPropertyNames(globalThis)") as readonly string[]),
    ...PLATFORM,
    "undefined",
  ]);
  return names.has(name);
}
