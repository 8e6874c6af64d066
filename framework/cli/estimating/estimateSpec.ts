import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { singleProcess } from "../../distributed/world.ts";
import { createRun } from "../../tracking/createRun.ts";
import type { Callback } from "../../training/callback.ts";
import { copiedBytes } from "../../training/checkpointWriting.ts";
import { savedVariables } from "../../training/savedVariables.ts";
import { Trainer } from "../../training/trainer.ts";
import { openBackend } from "../carryOut.ts";
import type { LoadedSpec } from "../loadExperimentSpec.ts";
import { resolveReferences } from "../runReferences.ts";

/** Ends what is only looked at. */
class Estimated extends Error {}

/**
 * The most memory that training as a spec says will take, in bytes: data and models are made as for a run,
 * then the first training step is recorded, not carried out. Later validations and samples are not looked at.
 *
 * @throws {InputError} for another backend than `ort`, or when the experiment trains nothing
 */
export async function estimateSpec(given: LoadedSpec, runsFolder: string): Promise<number> {
  const loaded = resolveReferences(given, runsFolder);
  const { spec, experiment } = loaded;
  const { backend: name } = spec.trainer;
  if (name !== "ort") {
    throw new InputError(`Cannot estimate memory: expected trainer.backend ort, got ${name}`);
  }
  const { compile: real } = await openBackend(spec, undefined);
  const { ortBackend } = await import("../../backend/register.ts");
  const { estimatingCompile } = await import("../../backend/estimatingCompile.ts");
  const estimating = estimatingCompile(ortBackend("ort"), real);
  const root = mkdtempSync(path.join(tmpdir(), "seedbed-estimate-"));
  let copies = 0;
  let callbacks: readonly Callback[] = [];
  const stop: Callback = {
    name: "stopAfterStep",
    onFitStart(state) {
      const saved = savedVariables(state, callbacks);
      copies = copiedBytes(saved, callbacks, spec.trainer.checkpoints);
    },
    onTrainBatchEnd({ stepFinished }) {
      if (stepFinished) throw new Estimated();
    },
  };
  const { seed } = spec;
  const run = createRun({ root, name: spec.name, seed, spec, specYaml: loaded.yaml, command: [] });
  try {
    await experiment.run({
      spec,
      run,
      world: singleProcess,
      compile: real,
      signal: new AbortController().signal,
      isEstimate: true,
      createTrainer(extra = []) {
        callbacks = [...loaded.createCallbacks(), ...extra].filter(
          ({ kind, name: callback }) => kind !== "tuner" && callback !== "progressBar",
        );
        return new Trainer({
          ...spec.trainer,
          seed,
          numSanityValSteps: 0,
          callbacks: [...callbacks, stop],
          loggers: run.loggers,
          checkpointsFolder: run.checkpointsFolder,
          checkpoints: { async: false },
          compile: estimating.compile,
          print: () => {},
        });
      },
      print: () => {},
    });
  } catch (error) {
    if (!isEstimated(error)) throw error;
    return estimating.peakBytes() + copies;
  } finally {
    await run.finish("finished", {});
    rmSync(root, { recursive: true, force: true });
  }
  throw new InputError(`Cannot estimate memory: ${experiment.name} trains nothing`);
}

/** Also as the cause of what was thrown in its place. */
function isEstimated(error: unknown): boolean {
  if (error instanceof Estimated) return true;
  return error instanceof Error && error.cause !== undefined && isEstimated(error.cause);
}
