/** @file Runs in the thread of `PicturePreparer`: decodes pictures and makes frames of them. */
import { parentPort, workerData } from "node:worker_threads";

import { idefics3Preprocessing } from "../../data/idefics3Preprocessing.ts";
import type { PreprocessorConfig } from "../../data/idefics3Sizes.ts";
import { decodeImage } from "../../data/image.ts";

/** A picture that is to be prepared. */
export interface PrepareRequest {
  readonly bytes: Uint8Array;
  readonly split: boolean;
}

/** What became of it. */
export type PrepareAnswer =
  | { readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly message: string };

const config: PreprocessorConfig = workerData;
const prepare = idefics3Preprocessing(config);

async function answerOf({ bytes, split }: PrepareRequest): Promise<PrepareAnswer> {
  try {
    const { shape, values } = prepare(await decodeImage(bytes), { split }).pixels;
    return { shape, values: Float32Array.from(values) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: PrepareRequest) => {
  void answerOf(request).then((answer) => {
    const buffers = "values" in answer ? [answer.values.buffer] : [];
    parentPort?.postMessage(
      answer,
      buffers.filter((buffer) => buffer instanceof ArrayBuffer),
    );
  });
});
