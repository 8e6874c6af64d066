// Runs in the threads of `LaneThreads`. In JavaScript, because a thread inherits no loader of
// TypeScript, and this one is to start quickly.
import { parentPort } from "node:worker_threads";

/** Functions of the modules that are loaded here, by the number that the main thread gave them. */
const functions = new Map();

parentPort.on("message", ({ kind, id, imports, module, exported, run }) => {
  if (kind === "load") {
    functions.set(id, new WebAssembly.Instance(module, imports).exports[exported]);
  } else if (kind === "unload") {
    functions.delete(id);
  } else {
    functions.get(id)(...run);
    parentPort.postMessage(undefined);
  }
});
