/** @file A thread for tests: it says what it is told, dies, or says nothing. */
import { parentPort, threadId, workerData } from "node:worker_threads";

parentPort?.on("message", (word: string) => {
  if (word === "die") throw new Error("it died");
  if (word !== "be silent") parentPort?.postMessage({ word, workerData, threadId });
});
