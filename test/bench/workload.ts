import type { Compile } from "../../framework/base/compile.ts";
import type { PeerWork } from "./peers/peer.ts";

/**
 * The group of Stable Diffusion itself. It is measured without peers, only when asked for by name,
 * and only where there is memory enough.
 */
export const fullSize = "stable-diffusion-full";

/** Something each side can do, again and again. */
export interface Workload {
  name: string;
  /** One line for the reader of the table. */
  title: string;
  /** A whole training step, a step of sampling, or a single operation. */
  group: "training" | "sampling" | "operation" | typeof fullSize;
  /** Whether it takes minutes. */
  heavy?: boolean;
  /** How often each side is measured. */
  pairs: number;
  /** How often it is run before that. Default: 3 times, whose losses must agree. */
  warmUps?: number;
  /** Our side, or that of another TF.js backend, which `compile` is for. */
  prepare(options: PrepareOptions): PreparedWorkload;
}

export interface PrepareOptions {
  compile: Compile;
  /** Leave weights at zero: the work is only looked at, not done. */
  blank?: boolean;
}

export interface PreparedWorkload {
  /** Does the work once; a step gives its loss, or another number that tells whether it is right. */
  run: () => Promise<number | undefined>;
  /**
   * What PyTorch must be told to do the same; absent where nobody is compared.
   *
   * @param folder empty, for files that it reads when told
   */
  handOver?: (folder: string) => PeerWork;
  /** How often `run` does the work, to be divided by. */
  repeats: number;
  /** Frees sessions, upon which ONNX Runtime writes its profile where it was asked for one. */
  dispose: () => void;
}
