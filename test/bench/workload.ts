import type { Compile } from "../../framework/base/compile.ts";
import type { PeerWork } from "./peer.ts";

/** Something both sides can do, again and again. */
export interface Workload {
  name: string;
  /** One line for the reader of the table. */
  title: string;
  /** `step` is a whole training step, `operation` a single one; `heavy` takes minutes. */
  group: "step" | "heavy" | "operation";
  /** How often each side is measured. */
  pairs: number;
  /** Our side, and what the other side must be told to do the same. */
  prepare(options: PrepareOptions): PreparedWorkload;
}

export interface PrepareOptions {
  compile: Compile;
  /** An empty folder for files that the other side reads. */
  folder: string;
}

export interface PreparedWorkload {
  /** Does the work once; a training step gives its loss. */
  run: () => Promise<number | undefined>;
  peer: PeerWork;
  /** How often `run` does the work, to be divided by. */
  repeats: number;
  /** Frees sessions, upon which ONNX Runtime writes its profile where it was asked for one. */
  dispose: () => void;
}
