import * as tf from "@tensorflow/tfjs";
import {
  groupByLayer,
  readOptions,
  textTable,
  type Callback,
  type NamedVariables,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface ModelSummaryOptions {
  maxDepth: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    maxDepth: {
      type: "integer",
      minimum: -1,
      default: 1,
      description: "How many parts of the parameters' names a layer may have; -1: all, 0: off.",
    },
  },
};

/**
 * Prints the model when a fit starts: its layers with their parameters, and how many
 * floating-point operations a batch takes. The module's `otherState` counts as frozen, as its
 * `frozenParameters` do.
 */
export function modelSummary(options: Partial<ModelSummaryOptions> = {}): Callback {
  const { maxDepth } = readOptions<ModelSummaryOptions>("modelSummary", optionsSchema, options);
  return {
    name: "modelSummary",
    async onFitStart(state) {
      if (maxDepth === 0) return;
      for (const line of describeLayers(state, maxDepth)) state.print(line);
      state.print(await describeFlops(state));
    },
  };
}

const header = ["layer", "shape", "parameters", "state", "MB"];

function describeLayers({ module }: TrainerState, maxDepth: number): string[] {
  const trainable = module.trainableParameters();
  const all = new Map([
    ...trainable,
    ...(module.otherState?.() ?? []),
    ...(module.frozenParameters?.() ?? []),
  ]);
  const layers = [...groupByLayer(all, maxDepth), ["total", all] as const];
  const rows = layers.map(([layer, members]) => [
    layer,
    describeShapes(members),
    elementsOf(members).toLocaleString("en-US"),
    describeState(members, trainable),
    (bytesOf(members) / 1e6).toFixed(3),
  ]);
  return textTable([header, ...rows], [2, 4]);
}

/** The shapes, unless they are many. */
function describeShapes(members: NamedVariables): string {
  const shapes = [...members.values()].map(({ shape }) => `[${shape.join(", ")}]`);
  return shapes.length <= 2 ? shapes.join(" + ") : `${shapes.length} tensors`;
}

function describeState(members: NamedVariables, trainable: NamedVariables): string {
  const trained = new Map([...members].filter(([name]) => trainable.has(name)));
  if (trained.size === members.size) return "trainable";
  return trained.size === 0 ? "frozen" : `${elementsOf(trained).toLocaleString("en-US")} trainable`;
}

function elementsOf(members: NamedVariables): number {
  return [...members.values()].reduce((sum, { size }) => sum + size, 0);
}

function bytesOf(members: NamedVariables): number {
  return [...members.values()].reduce(
    (sum, { size, dtype }) => sum + size * tf.util.bytesPerElement(dtype),
    0,
  );
}

async function describeFlops(state: TrainerState): Promise<string> {
  const { forward, backward } = await state.stepFlops();
  return `FLOPs for a batch, of matrix products and convolutions: ${shorten(forward)} forward, ${shorten(backward)} backward`;
}

/** `1.23 G`. */
function shorten(count: number): string {
  const units = ["", " k", " M", " G", " T", " P"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${Number((count / 1000 ** power).toPrecision(3))}${units[power]}`;
}
