import type { Compile } from "../../framework/base/compile.ts";
import type { PeerWork } from "./peers/peer.ts";

/** Something each side can do, again and again. */
export interface Workload {
  name: string;
  /** One line for the reader of the table. */
  title: string;
  /** A whole training step, a step of sampling, or a single operation. */
  group: "training" | "sampling" | "operation";
  /** Whether it takes minutes. */
  heavy?: boolean;
  /** How often each side is measured. */
  pairs: number;
  /** Our side, or that of another TF.js backend, which `compile` is for. */
  prepare(options: PrepareOptions): PreparedWorkload;
}

export interface PrepareOptions {
  compile: Compile;
}

export interface PreparedWorkload {
  /** Does the work once; a step gives its loss, or another number that tells whether it is right. */
  run: () => Promise<number | undefined>;
  /**
   * What PyTorch must be told to do the same.
   *
   * @param folder empty, for files that it reads when told
   */
  handOver: (folder: string) => PeerWork;
  /** How often `run` does the work, to be divided by. */
  repeats: number;
  /** Frees sessions, upon which ONNX Runtime writes its profile where it was asked for one. */
  dispose: () => void;
}
