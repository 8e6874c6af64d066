/** A file or folder that a run made, or used. */
export interface RunArtifact {
  /** Of one direction a run has one artifact of a name. */
  readonly name: string;
  /** Such as `model`, `checkpoint`, `dataset`. */
  readonly type: string;
  /** Below the run's folder and with forward slashes, else absolute. */
  readonly path: string;
  /** Of its content, as `hashArtifact` says; null until the run has ended, and where it was gone then. */
  readonly sha256: string | null;
  readonly bytes: number | null;
  /** Optimizer steps finished when it was made; null where that means nothing. */
  readonly step: number | null;
  readonly direction: "output" | "input";
  /** The run that made an input, by its id, and the path in its folder. */
  readonly from?: { readonly run: string; readonly path: string };
}
