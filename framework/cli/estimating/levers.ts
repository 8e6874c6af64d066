import { SpecError } from "../../base/errors.ts";
import type { ExperimentSpec } from "../../spec/experimentSpec.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { loadExperimentSpec } from "../loadExperimentSpec.ts";

/** A change of a spec that may save memory. */
export interface Lever {
  readonly name: string;
  /** As one types them. */
  readonly overrides: readonly string[];
  /** What it costs, for the person who chooses. */
  readonly price: string;
}

/** What of a spec decides. */
type LeverSpec = Readonly<Record<string, unknown>> & {
  readonly trainer: Pick<ExperimentSpec["trainer"], "accumulateGradBatches">;
  readonly optimizer?: { readonly name: string; readonly [option: string]: unknown };
};

/**
 * The levers that a spec has and has not pulled yet.
 *
 * @param accepts whether the spec with such overrides is one
 */
export async function findLevers(
  spec: LeverSpec,
  accepts: (overrides: readonly string[]) => Promise<boolean>,
): Promise<Lever[]> {
  const found: Lever[] = [];
  for (const lever of candidates(spec)) if (await accepts(lever.overrides)) found.push(lever);
  return found;
}

/** Whether a file with overrides is a spec. */
export async function isAccepted(file: string, overrides: readonly string[]): Promise<boolean> {
  try {
    await loadExperimentSpec(file, overrides);
    return true;
  } catch (error) {
    if (error instanceof SpecError) return false;
    throw error;
  }
}

function candidates(spec: LeverSpec): Lever[] {
  const data = section(spec, "data");
  const model = section(spec, "model");
  const trains = isRecord(model["trains"]) ? model["trains"] : {};
  const { batchSize } = data;
  const { accumulateGradBatches } = spec.trainer;
  const levers: Lever[] = [];
  if (typeof batchSize === "number" && batchSize >= 2 && batchSize % 2 === 0) {
    levers.push({
      name: "accumulation",
      overrides: [
        `data.batchSize=${batchSize / 2}`,
        `trainer.accumulateGradBatches=${accumulateGradBatches * 2}`,
      ],
      price: "twice as many passes for a step, the same gradients",
    });
  }
  if (model["gradientCheckpointing"] !== true) {
    levers.push({
      name: "gradient checkpointing",
      overrides: ["model.gradientCheckpointing=true"],
      price: "a third more computing, the same gradients",
    });
  }
  if (/^adamW?$/.test(spec.optimizer?.name ?? "")) {
    levers.push({
      name: "8-bit Adam",
      overrides: ["optimizer.name=adam8bit"],
      price: "moments of a byte each",
    });
  }
  if (hasMomentsInMemory(spec.optimizer)) {
    levers.push({
      name: "offloading",
      overrides: ["optimizer.offload=true"],
      price: "each step reads and writes the moments in files, the same numbers",
    });
  }
  if (trains["textEncoder"] === true && trains["unet"] === true) {
    levers.push({
      name: "freezing",
      overrides: ["model.trains.textEncoder=false"],
      price: "the text encoder learns nothing",
    });
  }
  if (model["lora"] === null || model["lora"] === undefined) {
    levers.push({
      name: "LoRA",
      overrides: ["model.lora={rank: 4}"],
      price: "only changes of low rank learn",
    });
  }
  return levers;
}

function hasMomentsInMemory({ name, momentum, offload }: Record<string, unknown> = {}): boolean {
  if (offload !== undefined && offload !== false) return false;
  return name !== undefined && (name !== "sgd" || Number(momentum ?? 0) > 0);
}

function section(spec: LeverSpec, name: string): Record<string, unknown> {
  const value = spec[name];
  return isRecord(value) ? value : {};
}
