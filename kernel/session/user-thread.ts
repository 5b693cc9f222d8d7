import { installComms } from "./cell-comms.ts";
import { capturePrinting } from "./capture.ts";
import { openCollection } from "./collect-garbage.ts";
import { createPublisher, installDisplay } from "./cell-display.ts";
import { installQuestions } from "./cell-questions.ts";
import { installWidgets } from "./cell-widgets.ts";
import { CellRunner } from "./cell-runner.ts";
import { openDoor } from "./debug/door.ts";
import { describeError, installStackTraces, type SourceIndex } from "./errors.ts";
import { Evaluator } from "./evaluate.ts";
import { guardProcess } from "./guards.ts";
import { openInterruption } from "./interruption.ts";
import type { ToUser } from "./link.ts";
import { createMagicCalls } from "./magics/magic-calls.ts";
import { createImporter } from "./modules.ts";
import { Outlet, type OutletPort } from "./outlet.ts";
import { tidyPromises } from "./promise-inspection.ts";
import { PrintLimit } from "./print-limit.ts";
import { RingWriter } from "./ring.ts";
import { createTslab } from "./tslab.ts";

/** The port to the thread of the sockets. */
export interface UserPort extends OutletPort {
  on(event: "message", listener: (message: ToUser) => void): unknown;
}

/**
 * Makes this thread the one that runs the notebook's code: its console, its errors, its imports and its displays.
 *
 * @param exit - ends the process; `process.exit` itself is taken away from the cells
 */
export function startUserThread(port: UserPort, memory: SharedArrayBuffer, exit: (code: number) => never): void {
  const directory = process.cwd();
  const ring = new RingWriter(memory, (urgent) => {
    port.postMessage({ type: "bell", urgent });
  });
  const outlet = new Outlet(port, ring, new PrintLimit(process.env));
  const evaluator = new Evaluator();
  const sources: SourceIndex = new Map();
  const publisher = createPublisher(outlet);

  installStackTraces(sources);
  const importer = createImporter({ directory, sources, provided: { tslab: createTslab(publisher, { directory }) } });
  importer.install(globalThis, createMagicCalls({ outlet, publisher, directory }));
  installDisplay(outlet, publisher, directory);
  const questions = installQuestions(outlet);
  capturePrinting(outlet);
  tidyPromises();
  guardProcess(outlet, (error) => describeError(error, sources).traceback);
  const comms = installComms({ outlet, evaluator, sources });
  installWidgets({ comms, publisher, sources, directory });
  const interruption = openInterruption(evaluator, comms.handling, () => {
    port.postMessage({ type: "stopped" });
  });
  openCollection();
  openDoor({ sources, evaluator, directory });
  const runner = new CellRunner({ outlet, evaluator, sources, importer, directory });

  port.on("message", (message) => {
    interruption.recover();
    if (message.type === "run") runner.run(message);
    else if (message.type === "comm") comms.deliver(message.arrival);
    else if (message.type === "interrupted") {
      runner.interrupted();
      comms.interrupted();
    } else if (message.type === "answer") questions.answered(message.question, message.value);
    else if (message.type === "warm") runner.warm();
    else if (message.type === "exit") exit(message.code);
  });
}
