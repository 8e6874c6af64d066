import * as tf from "@tensorflow/tfjs";
import {
  gradientPasses,
  type AfterEarlierPasses,
  type AutoencoderKl,
  type Callback,
  type ClipTextEncoder,
  type Denoising,
  type DenoisingLosses,
  type NamedVariables,
  type OptimizerConfig,
  type Pass,
  type StepOutput,
  type TrainingModule,
  type Unet,
} from "seedbed";

import { frozenLayers, trainedLayers, type TrainedLayers } from "./trainedLayers.ts";

export interface DiffusionModuleOptions {
  unet: Unet;
  textEncoder: ClipTextEncoder;
  denoising: Denoising;
  /** What encoded the pictures, to be counted; it never learns. */
  vae?: AutoencoderKl | undefined;
  /** Which layers learn; the others are constants of the step. */
  trains: { unet: TrainedLayers; textEncoder: TrainedLayers };
  /** What learns beside them: factors of LoRA, vectors of tokens. Default: nothing. */
  adapters?: NamedVariables;
  /** Made anew for each task, as `configureCallbacks` gives them. Default: none. */
  callbacks?: () => readonly Callback[];
  optimizerConfig: OptimizerConfig;
  /** Compute the UNet's blocks again for the gradient. Default: no. */
  gradientCheckpointing?: boolean;
  /**
   * Divide a training batch into so many equal parts, each with a forward and backward pass of its
   * own, one after the other: less memory, the same loss. Default: 1.
   */
  passes?: number;
  /**
   * The step's loss and what else to log, from the losses of each example, or, of several passes,
   * from the mean of each. Default: their mean.
   */
  combine?: (losses: tf.Tensor1D) => StepOutput;
}

/**
 * Trains a UNet, and perhaps its text encoder, to denoise latents. DreamBooth trains the same
 * module with another `combine`; it imports this file from here.
 *
 * Batches hold `latents [batch, channels, height, width]` as the UNet takes them and `ids [batch,
 * tokens]`, or what a text encoder that does not learn made of these, `context [batch, tokens,
 * features]`.
 */
export function diffusionModule({
  unet,
  textEncoder,
  vae,
  denoising,
  trains,
  adapters = new Map(),
  callbacks = () => [],
  optimizerConfig,
  gradientCheckpointing = false,
  passes = 1,
  combine = (losses) => ({ loss: losses.mean().asScalar() }),
}: DiffusionModuleOptions): TrainingModule {
  const losses = (batch: tf.NamedTensorMap): ReturnType<Denoising["losses"]> => {
    const context = batch["context"] ?? textEncoder.encode(batch["ids"]!);
    return denoising.losses(batch, (noisy, timesteps) =>
      unet.forward(noisy, timesteps, context, { gradientCheckpointing }),
    );
  };
  const parts = { unet: unet.parameters, text_encoder: textEncoder.parameters };
  const own = trainedLayers(parts, { unet: trains.unet, text_encoder: trains.textEncoder });
  const parameters = new Map([...own, ...adapters]);
  const frozen = frozenLayers({ ...parts, ...(vae && { vae: vae.parameters }) }, parameters);
  return {
    trainableParameters: () => parameters,
    frozenParameters: () => frozen,
    configureCallbacks: callbacks,
    configureOptimizers: () => optimizerConfig,
    prepareBatch: (batch, random) => denoising.prepare(batch, random),
    trainingStep: (batch) =>
      combine(passes === 1 ? losses(batch).loss : passMeans(batch, passes, parameters, losses)),
    validationStep(batch) {
      const { loss, noiseError } = losses(batch);
      return {
        "val/loss": loss.mean().asScalar(),
        "val/noiseError": noiseError.mean().asScalar(),
      };
    },
  };
}

/** Mean loss of each part of a batch, `[passes]`. */
function passMeans(
  batch: tf.NamedTensorMap,
  passes: number,
  parameters: NamedVariables,
  losses: (batch: tf.NamedTensorMap) => DenoisingLosses,
): tf.Tensor1D {
  const part = (after: AfterEarlierPasses, pass: number): tf.NamedTensorMap =>
    mapValues(batch, (tensor) => {
      const rows = tensor.split(passes)[pass]!;
      return rows.dtype === "float32" ? after(rows) : rows;
    });
  const means = gradientPasses(
    Array.from(
      { length: passes },
      (_, pass): Pass =>
        (after) =>
          losses(part(after, pass)).loss.mean().asScalar(),
    ),
    [...parameters.values()],
  );
  return tf.stack(means).as1D();
}

function mapValues(
  tensors: tf.NamedTensorMap,
  map: (tensor: tf.Tensor) => tf.Tensor,
): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor)]));
}
