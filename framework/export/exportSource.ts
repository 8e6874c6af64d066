import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { predictionTypes, type Retraining } from "../diffusion/schedulerConfig.ts";
import { manifestPath } from "../tracking/runManifest.ts";
import { findRun, readRun } from "../tracking/runStore.ts";
import {
  findLastCheckpoint,
  listCheckpoints,
  pointedCheckpoint,
} from "../training/checkpointFolder.ts";
import { fetchModel } from "../weights/fetchModel.ts";

/** Where the weights of an export are. */
export interface ExportSource {
  /** A pipeline's folder, or a checkpoint of the original code. */
  readonly model: string;
  /** A run's checkpoint, whose weights take the place of the model's. */
  readonly checkpoint?: string;
  /** Alpha of the run's LoRA. Default: its rank. */
  readonly loraAlpha?: number;
  /** What the run's model was trained to, where that is not what it began with. */
  readonly retraining?: Retraining;
}

export interface FindExportSourceOptions {
  /** Folder that holds all runs. */
  runsFolder: string;
  /** Of a run: `last`, `best`, or a checkpoint's name. Default: `last`. */
  checkpoint?: string | undefined;
  print?: (line: string) => void;
  warn?: (line: string) => void;
}

/**
 * Finds what a user wants to export.
 *
 * @param reference a pipeline's folder, a `.ckpt` or `.safetensors`, `hf:owner/name`; or a run: its
 * folder, its id, or the beginning of its id
 * @throws {InputError} when there is no such model, run or checkpoint
 */
export async function findExportSource(
  reference: string,
  { runsFolder, checkpoint, print, warn }: FindExportSourceOptions,
): Promise<ExportSource> {
  const isRun = existsSync(manifestPath(reference));
  const isModel = reference.startsWith("hf:") || existsSync(reference);
  if (isModel && !isRun) {
    if (checkpoint === undefined) {
      return { model: await fetchModel(reference, print ? { print } : {}) };
    }
    throw new InputError(
      `Cannot export checkpoint "${checkpoint}" of ${reference}: expected a run, got a model`,
    );
  }
  const run = findRun(runsFolder, reference);
  const { model = {}, loss = {} } = readRun(run).spec;
  return {
    model: await modelOf(run, Object(model), print),
    checkpoint: checkpointOf(run, checkpoint ?? "last", warn),
    ...alphaOf(Object(model)),
    ...retrainingOf(Object(loss)),
  };
}

/** What of a run's section `model` is looked at. */
interface ModelSection {
  readonly folder?: unknown;
  readonly lora?: unknown;
}

function alphaOf({ lora }: ModelSection): Pick<ExportSource, "loraAlpha"> {
  const { alpha }: { alpha?: unknown } = Object(lora);
  return typeof alpha === "number" ? { loraAlpha: alpha } : {};
}

function retrainingOf({
  predictionType: given,
  zeroTerminalSnr,
}: {
  predictionType?: unknown;
  zeroTerminalSnr?: unknown;
}): Pick<ExportSource, "retraining"> {
  const predictionType = predictionTypes.find((type) => type === given);
  const retraining = {
    ...(predictionType !== undefined && { predictionType }),
    ...(typeof zeroTerminalSnr === "boolean" && { zeroTerminalSnr }),
  };
  return Object.keys(retraining).length === 0 ? {} : { retraining };
}

/** The pipeline that a run began with; what it did not train is as there. */
async function modelOf(
  run: string,
  { folder }: ModelSection,
  print?: (line: string) => void,
): Promise<string> {
  if (typeof folder === "string") return fetchModel(folder, print ? { print } : {});
  const own = path.join(run, "model");
  if (existsSync(path.join(own, "model_index.json"))) return own;
  throw new InputError(
    `Cannot export run ${run}: its spec names no pipeline at /model/folder, and it has not written one to ${own}`,
  );
}

function checkpointOf(run: string, name: string, warn?: (line: string) => void): string {
  const folder = path.join(run, "checkpoints");
  if (name === "best") return pointedCheckpoint(folder, "best");
  const known = listCheckpoints(folder);
  const found =
    name === "last"
      ? (findLastCheckpoint(folder, warn) ?? newest(folder, known))
      : known.includes(name) && path.join(folder, name);
  if (typeof found === "string") return found;
  throw new InputError(
    `Cannot export run ${run}: expected a checkpoint${name === "last" ? "" : ` "${name}"`}, got ${known.join(", ") || "none"}`,
  );
}

/** For runs that have kept nothing but weights. */
function newest(folder: string, [name]: readonly string[]): string | undefined {
  return name === undefined ? undefined : path.join(folder, name);
}
