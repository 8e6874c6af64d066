/** @file Runs in the thread of `BackgroundTokenizer`: turns texts into tokens. */
import { parentPort, workerData } from "node:worker_threads";

import { Tokenizer } from "./tokenizer.ts";
import { tokenizerContent } from "./tokenizerContent.ts";

const files: ReadonlyMap<string, string> = workerData;
const { tokenizer: content, config } = tokenizerContent("tokenizer", (name) => files.get(name));
const tokenizer = new Tokenizer(content, config);

parentPort?.on("message", (pieces: readonly string[]) => {
  const ids = Int32Array.from(pieces.flatMap((piece) => tokenizer.textIds(piece)));
  parentPort?.postMessage(ids, [ids.buffer]);
});
