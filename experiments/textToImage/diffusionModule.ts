import * as tf from "@tensorflow/tfjs";
import {
  type ClipTextEncoder,
  type Denoising,
  type NamedVariables,
  type OptimizerConfig,
  type StepOutput,
  type TrainingModule,
  type Unet,
} from "seedbed";

export interface DiffusionModuleOptions {
  unet: Unet;
  textEncoder: ClipTextEncoder;
  denoising: Denoising;
  /** Which parts learn; the others are constants of the step. */
  trains: { unet: boolean; textEncoder: boolean };
  optimizerConfig: OptimizerConfig;
  /** Compute the UNet's blocks again for the gradient. Default: no. */
  gradientCheckpointing?: boolean;
  /** The step's loss and what else to log, from the losses of each example. Default: their mean. */
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
  denoising,
  trains,
  optimizerConfig,
  gradientCheckpointing = false,
  combine = (losses) => ({ loss: losses.mean().asScalar() }),
}: DiffusionModuleOptions): TrainingModule {
  const losses = (batch: tf.NamedTensorMap): ReturnType<Denoising["losses"]> => {
    const context = batch["context"] ?? textEncoder.encode(batch["ids"]!);
    return denoising.losses(batch, (noisy, timesteps) =>
      unet.forward(noisy, timesteps, context, { gradientCheckpointing }),
    );
  };
  const parameters = trainableParameters(unet, textEncoder, trains);
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => optimizerConfig,
    prepareBatch: (batch, random) => denoising.prepare(batch, random),
    trainingStep: (batch) => combine(losses(batch).loss),
    validationStep(batch) {
      const { loss, noiseError } = losses(batch);
      return {
        "val/loss": loss.mean().asScalar(),
        "val/noiseError": noiseError.mean().asScalar(),
      };
    },
  };
}

/** Parameters of the parts that learn, each under its part's name. */
function trainableParameters(
  unet: Unet,
  textEncoder: ClipTextEncoder,
  trains: DiffusionModuleOptions["trains"],
): NamedVariables {
  return new Map([
    ...(trains.unet ? prefixed("unet", unet.parameters) : []),
    ...(trains.textEncoder ? prefixed("text_encoder", textEncoder.parameters) : []),
  ]);
}

function prefixed(part: string, parameters: NamedVariables): [string, tf.Variable][] {
  return [...parameters].map(([name, variable]) => [`${part}.${name}`, variable]);
}
