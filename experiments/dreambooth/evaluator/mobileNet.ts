import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

import type { RgbImage } from "seedbed";

import type { FeatureExtractor } from "./featureExtractor.ts";

/** What the thread is asked: one batch of images. */
export interface FeatureRequest {
  readonly images: readonly RgbImage[];
}

/** What it answers; the first answer, without vectors, says that it is ready. */
export type FeatureAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "vectors"; readonly vectors: readonly Float32Array[] }
  | { readonly kind: "failed"; readonly reason: string };

const packages = ["nsfwjs/models/mobilenet_v2_mid", "@tensorflow/tfjs-backend-wasm"];
const featureLength = 1792;

/**
 * Features of MobileNetV2 (width 1.4, 224 x 224 pixels) as packed in nsfwjs, on TF.js's WebAssembly
 * backend. It runs in a thread of its own, with a TF.js of its own: the caller's active backend
 * and tensors are not touched.
 *
 * @throws {Error} when the packages are not installed or do not start
 */
export async function startMobileNet(): Promise<FeatureExtractor> {
  for (const name of packages) requireInstalled(name);
  const worker = new Worker(new URL("./mobileNetThread.mjs", import.meta.url));
  const ready = await answer(worker);
  if (ready.kind !== "ready") {
    await worker.terminate();
    throw new Error(
      `Cannot start MobileNet: ${ready.kind === "failed" ? ready.reason : ready.kind}`,
    );
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    name: "mobileNet",
    parts: [featureLength],
    extract(images) {
      const result = last.then(() => ask(worker, images));
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await worker.terminate();
    },
  };
}

async function ask(worker: Worker, images: readonly RgbImage[]): Promise<Float32Array[]> {
  const pending = answer(worker);
  worker.postMessage({ images } satisfies FeatureRequest);
  const message = await pending;
  if (message.kind === "vectors") return [...message.vectors];
  throw new Error(
    `Cannot extract features: ${message.kind === "failed" ? message.reason : message.kind}`,
  );
}

/** The thread's next message; it keeps the process alive for that long, and no longer. */
async function answer(worker: Worker): Promise<FeatureAnswer> {
  worker.ref();
  try {
    return await new Promise<FeatureAnswer>((resolve, reject) => {
      const onExit = (code: number): void => {
        reject(new Error(`Cannot extract features: the thread ended with code ${code}`));
      };
      worker.once("exit", onExit);
      worker.once("error", reject);
      worker.once("message", (message: FeatureAnswer) => {
        worker.off("exit", onExit);
        worker.off("error", reject);
        resolve(message);
      });
    });
  } finally {
    worker.unref();
  }
}

const { resolve } = createRequire(import.meta.url);

function requireInstalled(name: string): void {
  try {
    resolve(name);
  } catch (cause) {
    throw new Error(`package ${name.split("/models")[0]} is not installed`, { cause });
  }
}
