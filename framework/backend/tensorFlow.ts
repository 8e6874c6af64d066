import { createRequire } from "node:module";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";

/** In the order of preference; each brings its own TensorFlow, which npm installs with a download. */
const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/** What they require of TF.js. */
const shared = ["@tensorflow/tfjs", "@tensorflow/tfjs-core"] as const;

/** Requires as our TF.js does. */
const ours = createRequire(createRequire(import.meta.url).resolve("@tensorflow/tfjs"));

/**
 * Makes TF.js's backend for TensorFlow the active one, if the user installed it.
 *
 * One that was installed apart from this package gets our TF.js in place of its own: a second one
 * would register its gradients over those of `nn/ops`.
 *
 * @param folders where to look, as Node does: in `node_modules` of each and of its parents, then in
 * NODE_PATH. By default the directory the user works in, then this package
 * @returns the package that was found
 * @throws {InputError} with the cure when there is none, or one of another version than our TF.js
 * @throws {Error} when it does not load
 */
export async function useTensorFlow(
  folders: readonly string[] = [process.cwd(), import.meta.dirname],
): Promise<string> {
  const found = packages.flatMap((name) => locate(name, folders) ?? [])[0];
  if (!found) {
    throw new InputError(
      `Cannot use backend tensorflow: it is not installed; run npm install ${packages[1]} (or ${packages[0]} with CUDA), or set trainer.backend to ort`,
    );
  }
  load(found);
  await tf.setBackend("tensorflow");
  return found.name;
}

interface InstalledPackage {
  name: string;
  folder: string;
  version: string;
}

function locate(name: string, folders: readonly string[]): InstalledPackage | undefined {
  const manifest = resolve(`${name}/package.json`, folders);
  if (manifest === undefined) return undefined;
  const { version }: { version: string } = ours(manifest);
  return { name, folder: path.dirname(manifest), version };
}

function resolve(request: string, folders: readonly string[]): string | undefined {
  try {
    return ours.resolve(request, { paths: [...folders] });
  } catch {
    return undefined;
  }
}

function load({ name, folder, version }: InstalledPackage): void {
  if (version !== tf.version_core) {
    throw new InputError(
      `Cannot use backend tensorflow: ${name} in ${folder} must have the version of our @tensorflow/tfjs, ${tf.version_core}, got ${version}; run npm install ${name}@${tf.version_core}`,
    );
  }
  try {
    shareTfjs(folder);
    ours(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot use backend tensorflow: ${name} does not load: ${reason}`, { cause });
  }
}

/** From now on who requires TF.js from a folder is given ours. */
function shareTfjs(folder: string): void {
  for (const name of shared) {
    ours(name);
    const theirs = resolve(name, [folder]);
    if (theirs !== undefined) ours.cache[theirs] = ours.cache[ours.resolve(name)];
  }
}
