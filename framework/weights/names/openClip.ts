import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import { sizeOf } from "../../base/shape.ts";
import { lazyTensor, type StoredTensor } from "../storedTensor.ts";

/** Parts of a layer, here and in OpenCLIP. */
const layerParts = [
  ["layer_norm1", "ln_1"],
  ["layer_norm2", "ln_2"],
  ["mlp.fc1", "mlp.c_fc"],
  ["mlp.fc2", "mlp.c_proj"],
  ["self_attn.out_proj", "attn.out_proj"],
] as const;

/** OpenCLIP holds these as one matrix and one bias, in this order. */
const projections = ["q_proj", "k_proj", "v_proj"] as const;

const outside: Readonly<Record<string, string>> = {
  positional_embedding: "text_model.embeddings.position_embedding.weight",
  "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
  "ln_final.weight": "text_model.final_layer_norm.weight",
  "ln_final.bias": "text_model.final_layer_norm.bias",
};

/** What the conditioning of a diffusion model does not use. */
const unused = new Set(["text_projection", "logit_scale", "attn_mask"]);

/**
 * OpenCLIP's text encoder under transformers' names. Layers from `layers` on are left out: Stable
 * Diffusion 2 conditions on the last layer but one, and its published folders have no last one.
 * Tensors of other names keep theirs.
 *
 * Source: open_clip's `TextTransformer`; torch.nn.MultiheadAttention for the joint projection.
 */
export function fromOpenClip(
  tensors: ReadonlyMap<string, StoredTensor>,
  layers: number,
): Map<string, StoredTensor> {
  const result = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const [, index, part = "", kind] =
      /^transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/.exec(name) ?? [];
    if (unused.has(name) || Number(index) >= layers) continue;
    const layer = `text_model.encoder.layers.${index}`;
    const ours = layerParts.find(([, theirs]) => theirs === part)?.[0];
    if (part === "attn.in_proj") {
      for (const [i, projection] of projections.entries()) {
        result.set(`${layer}.self_attn.${projection}.${kind}`, third(tensor, i));
      }
    } else if (ours !== undefined) result.set(`${layer}.${ours}.${kind}`, tensor);
    else result.set(outside[name] ?? name, tensor);
  }
  return result;
}

/** One of three equal parts along the first axis. */
function third(tensor: StoredTensor, index: number): StoredTensor {
  const [rows = 0, ...rest] = tensor.shape;
  const shape = [rows / 3, ...rest];
  const size = sizeOf(shape);
  return lazyTensor({ dtype: tensor.dtype, shape }, () =>
    tensor.values.slice(index * size, (index + 1) * size),
  );
}

/** Undoes {@link fromOpenClip} for the tensors that it gives. */
export function toOpenClip(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const result = new Map<string, HostTensor>();
  const nameOutside = new Map(Object.entries(outside).map(([theirs, ours]) => [ours, theirs]));
  for (const [name, tensor] of tensors) {
    const [, index, part = "", kind] =
      /^text_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
    const layer = `transformer.resblocks.${index}`;
    const theirs = layerParts.find(([ours]) => ours === part)?.[1];
    if (part === "self_attn.q_proj") {
      const parts = projections.map((each) => tensors.get(name.replace(".q_proj.", `.${each}.`))!);
      result.set(`${layer}.attn.in_proj_${kind}`, joined(parts));
    } else if (theirs !== undefined) result.set(`${layer}.${theirs}.${kind}`, tensor);
    else if (!/^self_attn\.[kv]_proj$/.test(part))
      result.set(nameOutside.get(name) ?? name, tensor);
  }
  return result;
}

/** Along the first axis. */
function joined(parts: readonly HostTensor[]): HostTensor {
  const [, ...rest] = parts[0]!.shape;
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const values = new Float32Array(rows * sizeOf(rest));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return hostTensor(values, [rows, ...rest]);
}
