import type { Code, Guest } from "./code.ts";
import { ratePerCycle } from "./code.ts";
import type { ExitReason } from "./exit-reasons.ts";
import type { Counter } from "./counters.ts";

/** Whose execution a place belongs to: a guest's number, or one of these, named by `HOST_OWNERS`. */
export const VMM = -1;
export const OTHER = -2;
/** Not executed: what samples are charged to that nobody can interpret. */
export const UNRESOLVED = -3;

/** Instructions of the model are 4 bytes long. */
export const INSTRUCTION_BYTES = 4;

/** A place of the whole machine. */
export interface Place {
  readonly stack: string;
  readonly owner: number;
  readonly code: Code;
  /** Address of its first instruction. */
  readonly base: number;
  readonly instructions: number;
}

/** All places of a machine: the guests' in their order, the VMM's, the host's others, the unresolved. */
export class Places {
  readonly all: Place[] = [];
  /** Where each guest's places begin. */
  readonly ofGuest: number[] = [];
  /** The instruction that enters a guest, to which the processor's switch is charged. */
  readonly entry: number;
  readonly ofExit: number[];
  readonly preemption: number;
  readonly scheduler: number;
  readonly idle: number;
  readonly unresolved: number[];
  readonly codeCache: number;
  /** Whether an idle processor polls, and so executes. */
  readonly polls: boolean;
  #end = 0x40_0000;

  constructor(guests: readonly Guest[], exits: readonly ExitReason[], idle: Code | undefined) {
    guests.forEach((guest, index) => {
      this.ofGuest.push(this.all.length);
      for (const code of guest.code) this.#add(code, index);
    });
    const run = "vcpu thread;kvm_arch_vcpu_ioctl_run";
    this.entry = this.#add({ stack: `${run};vmx_vcpu_run` }, VMM);
    this.ofExit = exits.map((reason) => this.#add(reason, VMM));
    this.preemption = this.#add({ stack: `${run};vmx_handle_exit;timer interrupt` }, VMM);
    this.scheduler = this.#add({ stack: "host;schedule" }, OTHER);
    this.idle = this.#add(idle ?? { stack: "host;halted" }, OTHER);
    this.polls = idle !== undefined;
    this.unresolved = guests.map(({ label }) => this.#add({ stack: `[guest ${label}]` }, UNRESOLVED));
    this.codeCache = this.#add({ stack: "[code cache]" }, UNRESOLVED);
  }

  #add(code: Code, owner: number): number {
    const instructions = Math.max(1, Math.floor((code.bytes ?? 256) / INSTRUCTION_BYTES));
    this.all.push({ stack: code.stack, owner, code, base: this.#end, instructions });
    this.#end += instructions * INSTRUCTION_BYTES;
    return this.all.length - 1;
  }

  /** The place whose code holds an address. O(log places). */
  at(pc: number): number {
    let [low, high] = [0, this.all.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.base <= pc) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Events a cycle, by place and counter: none, not even cycles, in a processor that is halted. */
  rates(counters: readonly Counter[]): Float64Array {
    const rates = new Float64Array(this.all.length * counters.length);
    this.all.forEach(({ code }, place) => {
      counters.forEach(({ event }, counter) => {
        if (place !== this.idle || this.polls) rates[place * counters.length + counter] = ratePerCycle(code, event);
      });
    });
    return rates;
  }
}
