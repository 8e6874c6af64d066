import type { Compile } from "../../../framework/base/compile.ts";

/** What a sampler's compiled step gave. */
export interface StepState {
  /** The latents, and behind them whatever else the sampler remembers. */
  readonly state: Float32Array;
  /** The clean latents that the network's answer stands for. */
  readonly sample: Float32Array;
}

/** A `Compile` for samplers that tells what each of their steps gives. */
export function watchingStates(compile: Compile, watch: (step: StepState) => void): Compile {
  return (fn, options) => {
    const run = compile(fn, options);
    const watched = async (inputs: Parameters<typeof run>[0]): ReturnType<typeof run> => {
      const outputs = await run(inputs);
      const values = (name: string): Float32Array =>
        Float32Array.from(outputs[name]?.dataSync() ?? []);
      watch({ state: values("state"), sample: values("sample") });
      return outputs;
    };
    return Object.assign(watched, { dispose: () => run.dispose() });
  };
}
