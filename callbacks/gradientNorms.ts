import * as tf from "@tensorflow/tfjs";
import {
  groupByLayer,
  readOptions,
  requireTrainingStep,
  type Callback,
  type NamedVariables,
  type OptionsSchema,
} from "seedbed";

export interface GradientNormsOptions {
  maxDepth: number;
  parameters: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    maxDepth: {
      type: "integer",
      minimum: -1,
      default: 1,
      description:
        "How many parts of the parameters' names a layer may have; -1: all, 0: the whole model alone.",
    },
    parameters: {
      type: "boolean",
      default: false,
      description: "Log the norms of the parameters as well.",
    },
  },
};

/**
 * Logs with the training metrics the 2-norms of the gradients that an optimizer step starts from,
 * the mean over its batches, before clipping: `gradientNorm/<layer>`, and `gradientNorm` for all.
 * Those of the parameters before the step are `parameterNorm/<layer>` and `parameterNorm`. They
 * are part of the compiled step and computed in every one. Not for modules with a
 * `manualTrainingStep`, whose gradients no callback sees.
 */
export function gradientNorms(options: Partial<GradientNormsOptions> = {}): Callback {
  const { maxDepth, parameters } = readOptions<GradientNormsOptions>(
    "gradientNorms",
    optionsSchema,
    options,
  );
  return {
    name: "gradientNorms",
    setup({ task, module }) {
      if (task === "fit") requireTrainingStep("log gradient norms", module);
    },
    onBeforeOptimizerStep(state, gradients, scale) {
      for (const [name, norm] of normsOf(gradients, maxDepth)) {
        state.log(`gradientNorm${name}`, scale ? norm.mul(scale) : norm);
      }
      if (!parameters) return;
      const trained: NamedVariables = state.module.trainableParameters();
      for (const [name, norm] of normsOf(trained, maxDepth))
        state.log(`parameterNorm${name}`, norm);
    },
  };
}

/** The layers' norms by `/<layer>`, and the norm of all by an empty name. */
function normsOf(
  tensors: ReadonlyMap<string, tf.Tensor>,
  maxDepth: number,
): readonly (readonly [name: string, norm: tf.Tensor])[] {
  const squares = new Map([...tensors].map(([name, tensor]) => [name, tensor.square().sum()]));
  const layers = [...groupByLayer(squares, maxDepth)];
  return [
    ...layers.map(([layer, members]) => [`/${layer}`, rootOf(members)] as const),
    ["", rootOf(squares)],
  ];
}

const rootOf = (squares: ReadonlyMap<string, tf.Tensor>): tf.Tensor =>
  tf.addN([...squares.values()]).sqrt();
