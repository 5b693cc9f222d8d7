import { TraceExhaustedError } from "../core/errors.ts";
import { onlyOptions, powerOfTwo } from "../core/options.ts";
import { type Execution, executionBatches, executionEvents } from "./execution.ts";
import { grown } from "./grow.ts";
import { NumberIndex } from "./number-index.ts";

/**
 * Which memory the threads of an execution share, and which instructions touch none of it; see {@link sharing}.
 *
 * @example
 * ```ts
 * import type { Sharing } from "veelab/hybrid-rewriting";
 * const privateShare = (found: Sharing): number => found.privateInstructions / found.instructions;
 * console.log(privateShare);
 * ```
 */
export interface Sharing {
  /** Different words that were touched. */
  readonly words: number;
  /** Of these, touched by more than one thread. */
  readonly sharedWords: number;
  /** Different instructions that accessed memory. */
  readonly instructions: number;
  /** Of these, the ones all of whose words stayed with one thread each. */
  readonly privateInstructions: number;
  /** The class of an instruction: `unknown` when it accessed nothing. Constant expected time. */
  readonly classOf: (pc: number) => "unknown" | "private" | "shared";
  /** Whether an access of so many bytes touches a word that more than one thread touched. Constant expected time a word. */
  readonly isShared: (address: number, size: number) => boolean;
}

const shared = -1;

/**
 * Privacy by observation, as an active run learns it: a word goes from UNKNOWN to PRIVATE(thread) when it is first touched, and to
 * SHARED when another thread touches it, inside critical sections or outside; an instruction is private as long as none of
 * the words it has touched is shared. One pass; constant expected time an access; memory for the words and for the different pairs of
 * a private word and an instruction.
 *
 * @param options - `wordBytes`: bytes of a word, a power of two; 8 unless given
 * @throws OptionError for an option out of range, TraceFormatError for a bad batch, TraceExhaustedError for an execution without accesses
 *
 * @example
 * ```ts
 * import { sharing, syntheticExecution } from "veelab/hybrid-rewriting";
 * const { words, sharedWords } = await sharing(syntheticExecution({ threads: 2, sections: 50, seed: 1 }).batches());
 * console.log(sharedWords > 0 && sharedWords < words); // true
 * ```
 */
export async function sharing(
  execution: Execution,
  options: {
    /** Bytes of a word. */
    readonly wordBytes?: number;
  } = {},
): Promise<Sharing> {
  onlyOptions(options, ["wordBytes"]);
  const wordBytes = powerOfTwo("wordBytes", options.wordBytes ?? 8);
  const words = new NumberIndex();
  const code = new NumberIndex();
  const pairs = new NumberIndex();
  // Of each word its thread + 1, or `shared`, and the newest of the pairs with an instruction that touched it while it was private.
  let owners = new Int32Array(1024);
  let heads = new Int32Array(1024);
  let pairCodes = new Int32Array(1024);
  let olderPairs = new Int32Array(1024);
  let isSharedCode = new Uint8Array(1024);
  let sharedWords = 0;
  for await (const { thread, event, pc, address, size } of executionBatches(execution))
    for (let row = 0; row < event.length; row++) {
      const kind = event[row]!;
      if (kind !== executionEvents.read && kind !== executionEvents.write) continue;
      const instruction = code.of(pc[row]!);
      isSharedCode = grown(isSharedCode, code.size);
      const first = Math.floor(address[row]! / wordBytes);
      const last = Math.floor((address[row]! + Math.max(1, size[row]!) - 1) / wordBytes);
      const self = thread[row]! + 1;
      for (let number = first; number <= last; number++) {
        const word = words.of(number);
        owners = grown(owners, words.size);
        heads = grown(heads, words.size);
        const owner = owners[word]!;
        if (owner === shared) isSharedCode[instruction] = 1;
        else if (owner === 0 || owner === self) {
          owners[word] = self;
          const before = pairs.size;
          const pair = pairs.of(word * pairRoom + instruction);
          if (pair < before) continue;
          pairCodes = grown(pairCodes, pairs.size);
          olderPairs = grown(olderPairs, pairs.size);
          pairCodes[pair] = instruction;
          olderPairs[pair] = heads[word]!;
          heads[word] = pair + 1;
        } else {
          owners[word] = shared;
          sharedWords++;
          isSharedCode[instruction] = 1;
          for (let pair = heads[word]!; pair !== 0; pair = olderPairs[pair - 1]!)
            isSharedCode[pairCodes[pair - 1]!] = 1;
        }
      }
    }
  if (words.size === 0) throw new TraceExhaustedError("hybrid-rewriting", "the execution has no accesses");
  let sharedInstructions = 0;
  for (let index = 0; index < code.size; index++) sharedInstructions += isSharedCode[index]!;
  return {
    words: words.size,
    sharedWords,
    instructions: code.size,
    privateInstructions: code.size - sharedInstructions,
    classOf: (pc) => {
      const index = code.find(pc);
      return index < 0 ? "unknown" : isSharedCode[index] === 1 ? "shared" : "private";
    },
    isShared: (address, size) => {
      const last = Math.floor((address + Math.max(1, size) - 1) / wordBytes);
      for (let number = Math.floor(address / wordBytes); number <= last; number++) {
        const word = words.find(number);
        if (word >= 0 && owners[word] === shared) return true;
      }
      return false;
    },
  };
}

/** A word and an instruction in one double: 32 and 21 bits. */
const pairRoom = 2 ** 21;
