/** Fused operations with closed-form gradients; see `kernels.ts`. */
import "./savedOutputs.ts";

export * from "./attention.ts";
export * from "./attentionInParts.ts";
export * from "./chunkedAttention.ts";
export * from "./conv2d.ts";
export * from "./documentBias.ts";
export * from "./embedding.ts";
export * from "./gelu.ts";
export * from "./groupNorm.ts";
export { kernelNames, type KernelName } from "./kernels.ts";
export * from "./layerNorm.ts";
export * from "./repeatHeads.ts";
export * from "./resizeBilinear.ts";
export * from "./rmsNorm.ts";
export * from "./silu.ts";
export * from "./softmaxCrossEntropy.ts";
export * from "./upsampleNearest.ts";
export * from "./upsampleNearest2x.ts";
export * from "./wholeAttention.ts";
