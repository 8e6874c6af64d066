import type * as tf from "@tensorflow/tfjs";

import type { PipelineComponents } from "../../pipelines/pipelineComponents.ts";

/** One file of an ONNX pipeline: what it computes, and the names and axes that Optimum gives it. */
export interface OnnxComponent {
  /** Its folder. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly compute: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;
  /** Each axis by the name of its length, or a length that does not vary. */
  readonly inputs: Readonly<Record<string, OnnxInput>>;
  /** Axes of the outputs likewise. */
  readonly outputs: Readonly<Record<string, readonly (string | number)[]>>;
  /** Lengths to record and to check with: small, yet none like another. */
  readonly lengths: Readonly<Record<string, number>>;
}

export interface OnnxInput {
  readonly dtype: "float32" | "int32";
  readonly axes: readonly (string | number)[];
  /** Of int32: ids below this. */
  readonly below?: number;
}

/** Everything that a pipeline computes with, in the layout of diffusers' `OnnxStableDiffusionPipeline`. */
export function onnxComponents(components: PipelineComponents): OnnxComponent[] {
  return [
    textEncoder(components),
    unet(components),
    vaeEncoder(components),
    vaeDecoder(components),
  ];
}

function textEncoder({ textEncoder: { model } }: PipelineComponents): OnnxComponent {
  const { max_position_embeddings: tokens, hidden_size: features, vocab_size } = model.config;
  return {
    name: "text_encoder",
    parameters: model.parameters,
    compute(inputs) {
      const { lastHiddenState, pooled } = model.forward(inputs["input_ids"]!);
      return { last_hidden_state: lastHiddenState, pooler_output: pooled };
    },
    inputs: { input_ids: { dtype: "int32", axes: ["batch_size", tokens], below: vocab_size } },
    outputs: {
      last_hidden_state: ["batch_size", tokens, features],
      pooler_output: ["batch_size", features],
    },
    lengths: { batch_size: 2 },
  };
}

function unet({ unet: { model } }: PipelineComponents): OnnxComponent {
  const { in_channels, out_channels, cross_attention_dim: features } = model.config;
  const factor = 2 ** (model.config.block_out_channels.length - 1);
  return {
    name: "unet",
    parameters: model.parameters,
    compute: ({ sample, timestep, encoder_hidden_states: context }) => ({
      out_sample: model.forward(sample!, timestep!, context!),
    }),
    inputs: {
      sample: { dtype: "float32", axes: ["batch_size", in_channels, "height", "width"] },
      timestep: { dtype: "float32", axes: [1] },
      encoder_hidden_states: {
        dtype: "float32",
        axes: ["batch_size", "sequence_length", features],
      },
    },
    outputs: { out_sample: ["batch_size", out_channels, "height", "width"] },
    lengths: {
      batch_size: 2,
      height: 2 * factor,
      width: 3 * factor,
      sequence_length: 7,
    },
  };
}

function vaeEncoder({ vae: { model } }: PipelineComponents): OnnxComponent {
  const { in_channels, latent_channels: latents } = model.config;
  const small = ["height_latent", "width_latent"];
  return {
    name: "vae_encoder",
    parameters: model.parameters,
    compute({ sample }) {
      const { mean, logvar } = model.encode(sample!);
      return { latent_sample: mean, latent_parameters: mean.concat(logvar, 1) };
    },
    inputs: { sample: { dtype: "float32", axes: ["batch_size", in_channels, "height", "width"] } },
    outputs: {
      latent_sample: ["batch_size", latents, ...small],
      latent_parameters: ["batch_size", 2 * latents, ...small],
    },
    lengths: { batch_size: 2, height: 2 * model.factor, width: 3 * model.factor },
  };
}

function vaeDecoder({ vae: { model } }: PipelineComponents): OnnxComponent {
  const { out_channels, latent_channels } = model.config;
  const small = ["height_latent", "width_latent"];
  return {
    name: "vae_decoder",
    parameters: model.parameters,
    compute: ({ latent_sample: latents }) => ({ sample: model.decode(latents!) }),
    inputs: {
      latent_sample: { dtype: "float32", axes: ["batch_size", latent_channels, ...small] },
    },
    outputs: { sample: ["batch_size", out_channels, "height", "width"] },
    lengths: { batch_size: 2, height_latent: 2, width_latent: 3 },
  };
}
