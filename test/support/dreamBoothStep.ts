import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { ClipTextEncoder } from "../../framework/models/clipTextEncoder.ts";
import { Unet } from "../../framework/models/unet.ts";
import { loadParameters } from "../../framework/nn/loadParameters.ts";
import {
  expectGolden,
  goldenTensors,
  readJson,
  readTensors,
  type FixtureSet,
} from "./stableDiffusion.ts";

/** What the reference measured; its own float32 gradients are good to about 1e-6. */
interface Reference {
  train: {
    main_fp32: { loss: number; grad_norm: number }[];
    null_gradient_params: string[];
    /** Length of each parameter's gradient, in float64. */
    gradientNorms: Record<string, number>;
  };
}

function isReference(json: unknown): json is Reference {
  return typeof json === "object" && json !== null && "train" in json;
}

function reference(set: FixtureSet): Reference["train"] {
  const json = readJson(set, "golden/models.json");
  if (!isReference(json)) throw new TypeError(`Cannot read reference of ${set}`);
  return json.train;
}

/** Square roots of the products of `1 - beta`, and of what they leave, at some timesteps. */
function signalAndNoise(timesteps: Int32Array | Float32Array | Uint8Array): [number[], number[]] {
  const [first, last] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
  const kept: number[] = [];
  for (let i = 0; i < 1000; i++) {
    kept.push((kept.at(-1) ?? 1) * (1 - (first + ((last - first) * i) / 999) ** 2));
  }
  const at = [...timesteps].map((timestep) => kept[timestep]!);
  return [at.map(Math.sqrt), at.map((signal) => Math.sqrt(1 - signal))];
}

interface Pipeline {
  unet: Unet;
  text: ClipTextEncoder;
}

function load(set: FixtureSet): Pipeline {
  const unet = new Unet(readJson(set, "unet/config.json"), { seed: null });
  loadParameters(unet.parameters, readTensors(set, "unet/diffusion_pytorch_model.safetensors"));
  const text = new ClipTextEncoder(readJson(set, "text_encoder/config.json"), { seed: null });
  loadParameters(text.parameters, readTensors(set, "text_encoder/model.safetensors"));
  return { unet, text };
}

/** Loss of noise prediction on two instance and two class pictures, and its gradients. */
function takeStep(
  { unet, text }: Pipeline,
  golden: ReturnType<typeof goldenTensors>,
): { value: tf.Scalar; grads: tf.NamedTensorMap } {
  const timesteps = golden.get("timesteps").slice([0, 0], [1, 4]).as1D();
  const noise = golden.get("noise").slice([0], [1]).squeeze<tf.Tensor4D>([0]);
  const [signal, spread] = signalAndNoise(timesteps.dataSync());
  const noisy = golden
    .get("latents")
    .mul(tf.tensor4d(signal, [4, 1, 1, 1]))
    .add(noise.mul(tf.tensor4d(spread, [4, 1, 1, 1])));
  const ids = golden.get("input_ids");
  return tf.variableGrads(() => {
    const errors = unet.forward(noisy, timesteps, text.encode(ids)).sub(noise).square();
    const [instance, prior] = tf.split(errors, 2);
    return instance!.mean().add(prior!.mean()).asScalar();
  }, [...unet.parameters.values(), ...text.parameters.values()]);
}

/**
 * Takes the first DreamBooth step of the reference, on instance and class pictures, and compares
 * the loss and every gradient of UNet and text encoder, on the current backend.
 */
export function expectPublishedGradients(set: FixtureSet): void {
  const pipeline = load(set);
  const golden = goldenTensors(set, "train");
  const { main_fp32, null_gradient_params, gradientNorms } = reference(set);
  const nothing = new Set(null_gradient_params);
  const known = new Set(golden.names);
  tf.tidy(() => {
    const { value, grads } = takeStep(pipeline, golden);
    expect(value.dataSync()[0]).to.be.closeTo(main_fp32[0]!.loss, 1e-5);
    let squares = 0;
    for (const [name, variable] of parametersOf(pipeline)) {
      const gradient = grads[variable.name]!;
      const norm = tf.norm(gradient).dataSync()[0]!;
      squares += norm * norm;
      const expected = nothing.has(name) ? 0 : gradientNorms[name]!;
      expect(norm, name).to.be.closeTo(expected, 1e-4 * expected + 1e-5);
      if (known.has(`grad.${name}`)) expectGolden(gradient, golden.get(`grad.${name}`), 1e-5);
    }
    expect(Math.sqrt(squares)).to.be.closeTo(main_fp32[0]!.grad_norm, 1e-4);
  });
  pipeline.unet.dispose();
  pipeline.text.dispose();
}

function parametersOf({ unet, text }: Pipeline): (readonly [string, tf.Variable])[] {
  return [
    ...[...unet.parameters].map(([name, variable]) => [`unet.${name}`, variable] as const),
    ...[...text.parameters].map(([name, variable]) => [`text_encoder.${name}`, variable] as const),
  ];
}
