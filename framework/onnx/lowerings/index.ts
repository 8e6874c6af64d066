/** Every kernel that is lowered. The export name is the kernel's name. */
export {
  SeedbedGelu,
  SeedbedGeluGradient,
  SeedbedSilu,
  SeedbedSiluGradient,
} from "./activation.ts";
export * from "./attention.ts";
export * from "./broadcastArgs.ts";
export * from "./channelsLast.ts";
export * from "./complex.ts";
export * from "./convolution.ts";
export * from "./counting.ts";
export * from "./cropAndResize.ts";
export * from "./dilation.ts";
export * from "./elementwise.ts";
export * from "./embedding.ts";
export * from "./image.ts";
export * from "./indexing.ts";
export * from "./localResponse.ts";
export * from "./logical.ts";
export * from "./loss.ts";
export * from "./matrix.ts";
export * from "./movement.ts";
export * from "./normalization.ts";
export * from "./optimizer.ts";
export * from "./pooling.ts";
export * from "./reduction.ts";
export * from "./scatter.ts";
export * from "./suppression.ts";
export * from "./volume.ts";
export * from "./warp.ts";
