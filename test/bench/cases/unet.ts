import type * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostBatch, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { Unet, type UnetForwardOptions } from "../../../framework/models/unet.ts";
import type { Parameters } from "../../../framework/nn/parameterScope.ts";
import { samplingStep } from "../samplingStep.ts";
import { trainingStep } from "../trainingStep.ts";
import type { PrepareOptions, PreparedWorkload, Workload } from "../workload.ts";
import { textEncoderConfig } from "./stableDiffusionConfigs.ts";

const priorWeight = 1;
const timesteps = 1000;
const latentChannels = 4;

interface UnetSize {
  channels: number[];
  /** Height and width of the latents. */
  side: number;
  /** Pictures of the subject; as many of its class are the batch's second half. */
  batch: number;
  contextTokens: number;
  contextFeatures: number;
}

const small: UnetSize = {
  channels: [64, 128, 256],
  side: 8,
  batch: 8,
  contextTokens: 77,
  contextFeatures: 256,
};
/** Activations need far more memory than parameters. */
const wide: UnetSize = { ...small, side: 32, batch: 4 };
const large: UnetSize = {
  channels: [128, 256, 512, 512],
  side: 32,
  batch: 1,
  contextTokens: 77,
  contextFeatures: 768,
};

export const unet: Workload = {
  name: "unet",
  title: "UNet, channels 64 128 256, latents 8 + 8 x 4 x 8 x 8, prior loss",
  group: "training",
  pairs: 21,
  prepare: (options) => prepareUnet(small, options),
};

export const unetWide: Workload = {
  name: "unet-wide",
  title: "UNet, channels 64 128 256, latents 4 + 4 x 4 x 32 x 32, prior loss",
  group: "training",
  heavy: true,
  pairs: 7,
  prepare: (options) => prepareUnet(wide, options),
};

export const unetCheckpointed: Workload = {
  name: "unet-checkpointed",
  title: "The same with gradient checkpointing, PyTorch without",
  group: "training",
  heavy: true,
  pairs: 7,
  prepare: (options) => prepareUnet(wide, options, { gradientCheckpointing: true }),
};

export const unetSd: Workload = {
  name: "unet-sd",
  title:
    "UNet, channels 128 256 512 512, and text encoder, latents 1 + 1 x 4 x 32 x 32, prior loss",
  group: "training",
  heavy: true,
  pairs: 7,
  prepare: (options) => prepareUnetWithText(large, options),
};

export const sampling: Workload = {
  name: "sampling",
  title: "Guided DDIM step, channels 64 128 256, 8 latents of 4 x 8 x 8",
  group: "sampling",
  pairs: 15,
  prepare: (options) => prepareSampling(small, options),
};

export const samplingSd: Workload = {
  name: "sampling-sd",
  title: "Guided DDIM step, channels 128 256 512 512, 1 latent of 4 x 32 x 32",
  group: "sampling",
  heavy: true,
  pairs: 7,
  prepare: (options) => prepareSampling(large, options),
};

function prepareUnet(
  size: UnetSize,
  options: PrepareOptions,
  forward: UnetForwardOptions = {},
): PreparedWorkload {
  const config = configFor(size);
  const model = new Unet(config, { seed: 1 });
  return trainingStep(
    {
      peerModel: "unet",
      config,
      parameters: model.parameters,
      inputs: inputsFor(size),
      numbers: { priorWeight },
      loss: ({ latents, timesteps, context, target }) =>
        lossWithPrior(model.forward(latents!, timesteps!, context!, forward), target!),
    },
    options,
  );
}

/** Also Stable Diffusion 1's text encoder is trained; the context is what it makes of the prompts. */
function prepareUnetWithText(size: UnetSize, options: PrepareOptions): PreparedWorkload {
  const config = { unet: configFor(size), text_encoder: textEncoderConfig };
  const model = new Unet(config.unet, { seed: 1 });
  const textEncoder = new ClipTextEncoder(config.text_encoder, { seed: 1 });
  const { context: _, ...inputs } = inputsFor(size);
  return trainingStep(
    {
      peerModel: "unetWithText",
      config,
      parameters: new Map([
        ...prefixed("unet.", model.parameters),
        ...prefixed("text_encoder.", textEncoder.parameters),
      ]),
      inputs: { ...inputs, ids: idsFor(size) },
      numbers: { priorWeight },
      loss: ({ latents, timesteps, ids, target }) =>
        lossWithPrior(model.forward(latents!, timesteps!, textEncoder.encode(ids!)), target!),
    },
    options,
  );
}

/** The batch's first half is of the subject, the second of its class. */
function lossWithPrior(prediction: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const [subject, prior] = prediction.sub(target).square().split(2);
  return subject!.mean().add(prior!.mean().mul(priorWeight));
}

function prefixed(prefix: string, parameters: Parameters): [string, tf.Variable][] {
  return Array.from(parameters, ([name, variable]) => [prefix + name, variable]);
}

/** Stable Diffusion's topology: attention at every level but the lowest-resolution one. */
function configFor({ channels, contextFeatures }: UnetSize): object {
  const plainDown = channels.length - 1;
  return {
    in_channels: latentChannels,
    out_channels: latentChannels,
    block_out_channels: channels,
    down_block_types: channels.map((_, i) =>
      i === plainDown ? "DownBlock2D" : "CrossAttnDownBlock2D",
    ),
    up_block_types: channels.map((_, i) => (i === 0 ? "UpBlock2D" : "CrossAttnUpBlock2D")),
    layers_per_block: 2,
    attention_head_dim: 8,
    cross_attention_dim: contextFeatures,
    norm_num_groups: 32,
  };
}

function inputsFor({ side, batch, contextTokens, contextFeatures }: UnetSize): HostBatch {
  const random = new RandomStream(1, "inputs");
  const normals = (...shape: number[]): HostBatch[string] =>
    hostTensor(random.normals(sizeOf(shape)), shape);
  const rows = 2 * batch;
  const steps = Int32Array.from({ length: rows }, () => random.integer(timesteps));
  return {
    latents: normals(rows, latentChannels, side, side),
    timesteps: hostTensor(steps, [rows]),
    context: normals(rows, contextTokens, contextFeatures),
    target: normals(rows, latentChannels, side, side),
  };
}

function idsFor({ batch, contextTokens }: UnetSize): HostTensor {
  const random = new RandomStream(1, "ids");
  const shape = [2 * batch, contextTokens];
  return hostTensor(
    Int32Array.from({ length: sizeOf(shape) }, () => random.integer(textEncoderConfig.vocab_size)),
    shape,
  );
}

function prepareSampling(size: UnetSize, options: PrepareOptions): PreparedWorkload {
  const { side, batch, contextTokens, contextFeatures } = size;
  const config = configFor(size);
  const random = new RandomStream(1, "inputs");
  const normals = (...shape: number[]): HostTensor =>
    hostTensor(random.normals(sizeOf(shape)), shape);
  const inputs = {
    latents: normals(batch, latentChannels, side, side),
    conditional: normals(batch, contextTokens, contextFeatures),
    unconditional: normals(1, contextTokens, contextFeatures),
  };
  return samplingStep({ config, unet: new Unet(config, { seed: 1 }), inputs }, options);
}
