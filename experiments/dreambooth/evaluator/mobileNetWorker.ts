/** @file Runs in the thread behind `startMobileNet`: answers each `FeatureRequest` with vectors. */
import { parentPort } from "node:worker_threads";

import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { MobileNetV2MidModel } from "nsfwjs/models/mobilenet_v2_mid";
import type { RgbImage } from "seedbed";

import type { FeatureAnswer, FeatureRequest } from "./mobileNet.ts";

/** What we use of the package, whose own types do not resolve under Node's module rules. */
interface PublishedModel {
  modelJson(): Promise<{ default: ModelJson }>;
  /** Pieces of the weights, in base64. */
  readonly weightBundles: readonly (() => Promise<{ default: string }>)[];
}

interface ModelJson {
  readonly modelTopology: { readonly node: readonly { readonly name: string }[] };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

const published: PublishedModel = MobileNetV2MidModel;
const inputPixels = 224;
const batchSize = 8;
const featureNode = "feature_vector/SpatialSqueeze";

interface FeatureModel {
  readonly model: tf.GraphModel;
  /** Full name of the node whose value is the feature. */
  readonly node: string;
}

function tell(message: FeatureAnswer): void {
  parentPort?.postMessage(message);
}

async function loadModel(): Promise<FeatureModel> {
  setThreadsCount(1);
  await tf.setBackend("wasm");
  const { default: json } = await published.modelJson();
  const shards = await Promise.all(published.weightBundles.map(async (load) => await load()));
  const weights = Buffer.concat(shards.map((shard) => Buffer.from(shard.default, "base64")));
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
      weightData: Uint8Array.from(weights).buffer,
    }),
  );
  const node = json.modelTopology.node.find(({ name }) => name.endsWith(featureNode))?.name;
  if (node === undefined) throw new Error(`the model has no node ${featureNode}`);
  return { model, node };
}

/** Vectors of at most `batchSize` images of any sizes. */
async function extract(
  { model, node }: FeatureModel,
  images: readonly RgbImage[],
): Promise<Float32Array[]> {
  const features = tf.tidy(() => {
    const inputs = images.map(({ width, height, data }) => {
      const pixels = tf.tensor3d(Float32Array.from(data), [height, width, 3]).div<tf.Tensor3D>(255);
      return tf.image.resizeBilinear(pixels, [inputPixels, inputPixels], true);
    });
    return model.execute(tf.stack(inputs), node);
  });
  if (!(features instanceof tf.Tensor)) throw new Error(`${node} gave more than one tensor`);
  const values = await features.data<"float32">();
  features.dispose();
  const length = values.length / images.length;
  return images.map((_, i) => values.slice(i * length, (i + 1) * length));
}

async function answer(model: FeatureModel, { images }: FeatureRequest): Promise<void> {
  const vectors: Float32Array[] = [];
  for (let start = 0; start < images.length; start += batchSize) {
    vectors.push(...(await extract(model, images.slice(start, start + batchSize))));
  }
  tell({ kind: "vectors", vectors });
}

function fail(error: unknown): void {
  tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
}

try {
  const model = await loadModel();
  parentPort?.on("message", (request: FeatureRequest) => {
    answer(model, request).catch(fail);
  });
  tell({ kind: "ready" });
} catch (error) {
  fail(error);
}
