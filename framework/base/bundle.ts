import { register } from "node:module";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** Address of the file that this is in, where the framework runs as a bundle (`framework/start`). */
declare const SEEDBED_CHUNK: string | undefined;

const chunk = typeof SEEDBED_CHUNK === "undefined" ? undefined : SEEDBED_CHUNK;
let registered: Promise<void> | undefined;

/**
 * Lets files of TypeScript be imported, in which "seedbed" is the bundle that runs. Does nothing where
 * the framework itself was loaded as TypeScript.
 */
export function loadTypeScript(): Promise<void> {
  registered ??= chunk === undefined ? Promise.resolve() : registerBeside(chunk);
  return registered;
}

async function registerBeside(bundle: string): Promise<void> {
  const index = new URL("index.js", bundle).href;
  await import(index); // with what it imports, which takes half as long without a loader
  const tsx = await import("tsx/esm/api");
  tsx.register({ tsconfig: false });
  register(new URL("../start/seedbedHooks.mjs", import.meta.url), { data: { index } });
}

/**
 * Begins a thread. It loads what this process runs: a bundle, or TypeScript.
 *
 * @param entry one of the bundle's, such as `data/loaderThreadMain`
 */
export function startThread(entry: string, options: WorkerOptions = {}): Worker {
  if (chunk !== undefined) {
    return new Worker(new URL(`${entry.replaceAll("/", "-")}.js`, chunk), options);
  }
  const loader = new URL("../start/thread.mjs", import.meta.url);
  return new Worker(loader, { ...options, argv: [entry] });
}
