import { checkpointName, readOptions, type Callback, type OptionsSchema } from "seedbed";

export interface CheckpointOnSignalOptions {
  signal: "SIGUSR1" | "SIGHUP";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    signal: {
      enum: ["SIGUSR1", "SIGHUP"],
      default: "SIGUSR1",
      description:
        "What asks for a checkpoint: `kill -USR1 PID`. Node's own use of it rests meanwhile.",
    },
  },
};

const prefix = "asked-";

/**
 * Saves a checkpoint when the process gets a signal, after the running step, and trains on. It is
 * called `asked-` and the step's name, and is kept. Of several workers any may get the signal.
 */
export function checkpointOnSignal(options: Partial<CheckpointOnSignalOptions> = {}): Callback {
  const { signal } = readOptions<CheckpointOnSignalOptions>(
    "checkpointOnSignal",
    optionsSchema,
    options,
  );
  let isAsked = false;
  const ask = (): void => {
    isAsked = true;
  };
  const release = (): void => void process.off(signal, ask);
  return {
    name: "checkpointOnSignal",
    kind: "checkpoint",
    onFitStart: () => void process.on(signal, ask),
    wantsCheckpoint(state) {
      if (isAsked) state.saveCheckpoint({ name: `${prefix}${checkpointName(state.step)}` });
      isAsked = false;
      return false;
    },
    onCheckpointSaved(state, name) {
      if (name.startsWith(prefix)) state.print(`checkpointOnSignal: saved ${name}`);
    },
    keepsCheckpoint: (name) => name.startsWith(prefix),
    onFitEnd: release,
    onException: release,
  };
}
