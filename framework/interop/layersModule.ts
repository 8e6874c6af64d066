import * as tf from "@tensorflow/tfjs";

import type {
  NamedVariables,
  OptimizerConfig,
  StepOutput,
  TrainingModule,
} from "../training/trainingModule.ts";
import { addDropout, dropoutPlaces, withDropout } from "./layersDropout.ts";

/** `loss` and `metrics` are those of `model.compile`: names, functions, or one for each output. */
export interface LayersModuleOptions {
  loss: tf.ModelCompileArgs["loss"];
  metrics?: NonNullable<tf.ModelCompileArgs["metrics"]>;
  optimizerConfig: OptimizerConfig;
}

type LayerWeight = tf.LayersModel["weights"][number];

/**
 * Trains a model of TF.js's layers as `model.fit` does, by the Trainer. The model stays the
 * caller's: it holds the trained weights afterwards.
 *
 * Batches hold `x` and `y`; of several inputs or outputs, each under its name
 * (`model.inputNames`, `model.outputNames`). Metrics have TF.js's names: `train/loss`, `val/loss`,
 * `val/acc`. Parameters have the names under which TF.js saves weights, such as `hidden/kernel`.
 *
 * Weights that are not trained are `otherState`, and batch normalisation updates its own in
 * training. Dropout gets its random numbers in `prepareBatch`. As in TF.js, penalties of
 * regularizers belong to the training loss alone, and constraints do nothing.
 *
 * @throws {TypeError} when a layer draws random numbers otherwise or is stateful, or two weights
 *   share a name
 */
export function layersModule(
  model: tf.LayersModel,
  { loss, metrics = [], optimizerConfig }: LayersModuleOptions,
): TrainingModule {
  const compiled = compiledView(model, loss, metrics);
  if (compiled.stateful) {
    throw new TypeError(
      "Cannot train a model with stateful layers: the loader alone decides what a step sees; set stateful: false",
    );
  }
  const places = dropoutPlaces(model);
  const parameters = namedVariables(model.trainableWeights);
  const others = namedVariables(model.nonTrainableWeights);
  const inputs = entryNames("x", compiled.inputNames);
  const outputs = entryNames("y", compiled.outputNames);

  function predict(batch: tf.NamedTensorMap, training: boolean): tf.Tensor[] {
    const values = inputs.map((name) => entryOf(batch, name));
    return withDropout(training ? places : [], batch, () =>
      tensorsOf(compiled.apply(values, { training })),
    );
  }

  function evaluate(batch: tf.NamedTensorMap, training: boolean): StepOutput {
    const predictions = predict(batch, training);
    const targets = outputs.map((name) => entryOf(batch, name));
    const losses = compiled.lossFunctions.map((of, i) => of(targets[i]!, predictions[i]!).mean());
    const measured = compiled.metricsTensors.map(([of, output], i) => [
      compiled.metricsNames[i + 1]!,
      of(targets[output]!, predictions[output]!).mean().asScalar(),
    ]);
    return { ...Object.fromEntries(measured), loss: tf.addN(losses).asScalar() };
  }

  const measure = (batch: tf.NamedTensorMap, prefix: string): Record<string, tf.Scalar> =>
    Object.fromEntries(
      Object.entries(evaluate(batch, false)).map(([name, value]) => [`${prefix}/${name}`, value]),
    );

  return {
    trainableParameters: () => parameters,
    otherState: () => others,
    configureOptimizers: () => optimizerConfig,
    prepareBatch: (batch, random, stage) =>
      stage === "train" ? addDropout(batch, places, random) : batch,
    trainingStep(batch) {
      const step = evaluate(batch, true);
      return { ...step, loss: tf.addN([step.loss, ...compiled.calculateLosses()]).asScalar() };
    },
    validationStep: (batch) => measure(batch, "val"),
    testStep: (batch) => measure(batch, "test"),
    predictStep(batch) {
      const predictions = predict(batch, false);
      return Object.fromEntries(outputs.map((name, i) => [name, predictions[i]!]));
    },
  };
}

/** A model of the same layers, for TF.js to look up losses and metrics by its own rules. */
function compiledView(
  { inputs, outputs }: tf.LayersModel,
  loss: LayersModuleOptions["loss"],
  metrics: NonNullable<LayersModuleOptions["metrics"]>,
): tf.LayersModel {
  const view = tf.model({ inputs, outputs });
  const optimizer = tf.train.sgd(0); // TF.js wants one; it is never stepped
  view.compile({ optimizer, loss, metrics });
  optimizer.dispose();
  return view;
}

function namedVariables(weights: readonly LayerWeight[]): NamedVariables {
  const variables = new Map<string, tf.Variable>();
  for (const weight of weights) {
    const variable = weight.read();
    if (!(variable instanceof tf.Variable)) {
      throw new TypeError(`Cannot train weight "${weight.originalName}": it is no variable`);
    }
    if (variables.has(weight.originalName)) {
      throw new TypeError(
        `Cannot train: two weights are called "${weight.originalName}"; give the layers names of their own`,
      );
    }
    variables.set(weight.originalName, variable);
  }
  return variables;
}

const entryNames = (single: string, names: readonly string[]): readonly string[] =>
  names.length === 1 ? [single] : names;

function entryOf(batch: tf.NamedTensorMap, name: string): tf.Tensor {
  const entry = batch[name];
  if (entry) return entry;
  throw new TypeError(
    `Cannot run the model: expected an entry "${name}" in the batch, got ${Object.keys(batch).join(", ")}`,
  );
}

function tensorsOf(result: ReturnType<tf.LayersModel["apply"]>): tf.Tensor[] {
  return [result].flat().filter((value) => value instanceof tf.Tensor);
}
