import { misused, type Magic } from "./magic.ts";

/** `%time`. */
export const time: Magic = {
  summary: "runs statements and tells how long they took",
  usage: ["%time STATEMENTS", "%%time (above a cell)"],
  help:
    "What they declare stays, and the value of the last one is the result; a promise is waited for. Imports and functions of the " +
    "cell come before the clock starts. The CPU times are those of all threads of the kernel.",
  run({ argument }) {
    throw misused(time, argument);
  },
};

/** `%timeit`. */
export const timeit: Magic = {
  summary: "runs statements many times and tells how long they take",
  usage: ["%timeit [-n LOOPS] [-r RUNS] STATEMENTS", "%%timeit (above a cell)"],
  help:
    "The number of loops is found by trials so that a run takes 0.2 s; there are 7 runs, unless told otherwise. With -n there are no " +
    "trials: the statements run LOOPS times RUNS times. The value of " +
    "the last statement is kept, so that it is not left out as useless; a promise is waited for. What is declared in them is gone after them.",
  run({ argument }) {
    throw misused(timeit, argument);
  },
};
