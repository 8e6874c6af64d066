import path from "node:path";

import {
  checkpointName,
  readOptions,
  writePointer,
  type Callback,
  type JsonObject,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface ModelCheckpointOptions {
  monitor: string | null;
  mode: "min" | "max";
  saveTopK: number;
  saveLast: boolean;
  everyNTrainSteps: number;
  everyNEpochs: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    monitor: {
      type: ["string", "null"],
      default: null,
      description: "Metric that decides which checkpoints are best; null: the newest is kept.",
    },
    mode: {
      enum: ["min", "max"],
      default: "min",
      description: "Whether smaller or larger is better.",
    },
    saveTopK: {
      type: "integer",
      minimum: -1,
      default: 1,
      description: "How many of the best are kept; 0: none, -1: every one that is saved.",
    },
    saveLast: {
      type: "boolean",
      default: true,
      description: "Save at each occasion and at the end, and keep the newest, best or not.",
    },
    everyNTrainSteps: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Save every n optimizer steps, after the validation of that step; 0: never.",
    },
    everyNEpochs: {
      type: "integer",
      minimum: 0,
      description:
        "Save every n epochs: at their ends, or after their validations when these have an interval of their own; 0: never. Default 1, or 0 with everyNTrainSteps.",
    },
  },
};

/** A checkpoint that is on disk because of this callback. */
type Saved = {
  name: string;
  step: number;
  /** Value of the monitored metric at that step; null: not measured there. */
  score: number | null;
};

/**
 * Saves checkpoints and keeps the best by a monitored metric, and the last. A checkpoint counts as
 * a candidate for the best only if the metric was measured at its own step. `best.json` beside the
 * checkpoints names the best one, as `last.json` names the last.
 */
export function modelCheckpoint(options: Partial<ModelCheckpointOptions> = {}): Callback {
  const settings = readModelCheckpointOptions(options);
  const { monitor, mode, saveTopK, saveLast } = settings;
  let top: readonly Saved[] = [];
  let last: Saved | undefined;
  /** No longer needed once the checkpoint that says so is durable. */
  let obsolete: readonly string[] = [];
  let warned = false;

  /** The candidates worth keeping, the best first; of two equal ones the older. */
  function select(candidates: readonly Saved[]): readonly Saved[] {
    if (saveTopK === -1) return rank(candidates);
    const scored = monitor === null ? candidates : candidates.filter(({ score }) => score !== null);
    return rank(scored).slice(0, saveTopK);
  }

  function rank(candidates: readonly Saved[]): readonly Saved[] {
    if (monitor === null) return candidates.toSorted((a, b) => b.step - a.step);
    const sign = mode === "min" ? 1 : -1;
    const badness = ({ score }: Saved): number =>
      score === null || Number.isNaN(score) ? Infinity : sign * score;
    return candidates.toSorted((a, b) => compare(badness(a), badness(b)) || a.step - b.step);
  }

  function measure(state: TrainerState): number | null {
    if (monitor === null) return null;
    const value = state.metrics[monitor];
    if (value === undefined) missing(monitor, state);
    return value !== undefined && state.measuredAt(monitor) === state.step ? value : null;
  }

  /** Before the first validation, or epoch, its metrics cannot be known yet. */
  function missing(metric: string, state: TrainerState): void {
    const known = Object.keys(state.metrics).join(", ");
    const message = `Cannot monitor "${metric}": it was never logged, expected one of ${known}`;
    const epochDone = state.epoch > 0 || state.epochEnded;
    const measured = state.validation === "never" ? epochDone : state.validatedAt !== undefined;
    if (measured) throw new RangeError(message);
    if (!warned) state.print(`${message}; waiting for the first validation or epoch end`);
    warned = true;
  }

  function wantsCheckpoint(state: TrainerState): boolean {
    if (state.checkpointsFolder === undefined || !isDue(state, settings)) return false;
    const entry = { name: checkpointName(state.step), step: state.step, score: measure(state) };
    const before = held();
    const others = top.filter(({ name }) => name !== entry.name);
    const selected = select([...others, entry]);
    if (!selected.includes(entry) && !saveLast) return false;
    top = selected;
    last = saveLast ? entry : undefined;
    obsolete = [...before].filter((name) => !held().has(name));
    return true;
  }

  const held = (): Set<string> =>
    new Set([...top, ...(last ? [last] : [])].map(({ name }) => name));

  /** Points to the best and removes what is not needed; can be done again after a crash. */
  function finish(state: TrainerState): void {
    const [best] = top;
    if (best && best.score !== null && monitor !== null && state.checkpointsFolder !== undefined) {
      const { name: checkpoint, step, score } = best;
      writePointer(state.checkpointsFolder, "best", {
        checkpoint,
        step,
        monitor,
        score: String(score),
      });
    }
    for (const name of obsolete) state.removeCheckpoint(name);
    obsolete = [];
  }

  return {
    name: "modelCheckpoint",
    kind: "checkpoint",
    stateKey: `modelCheckpoint(${[monitor, mode, settings.everyNTrainSteps, settings.everyNEpochs].join(", ")})`,
    setup(state) {
      if (state.task === "fit" && state.checkpointsFolder === undefined) {
        throw new RangeError(
          "Cannot use modelCheckpoint: the Trainer needs a checkpointsFolder to save to",
        );
      }
    },
    onFitStart(state) {
      if (state.resumedFrom === undefined) return;
      const home = path.resolve(path.dirname(state.resumedFrom));
      if (home === path.resolve(state.checkpointsFolder ?? "")) finish(state);
      else [top, last, obsolete] = [[], undefined, []]; // another run's checkpoints stay its own
    },
    wantsCheckpoint,
    onCheckpointSaved(state, name) {
      if (held().has(name)) finish(state);
    },
    keepsCheckpoint: (name) => held().has(name),
    stateDict: () => ({
      top: top.map((saved) => ({ ...saved })),
      last: last ? { ...last } : null,
      obsolete: [...obsolete],
    }),
    loadStateDict(state) {
      top = listOf(state["top"]).filter(isSaved);
      last = isSaved(state["last"]) ? state["last"] : undefined;
      obsolete = listOf(state["obsolete"]).filter((name) => typeof name === "string");
    },
  };
}

function readModelCheckpointOptions(
  options: Partial<ModelCheckpointOptions>,
): ModelCheckpointOptions {
  const everyNEpochs = options.everyNTrainSteps ? 0 : 1;
  const settings = readOptions<ModelCheckpointOptions>("modelCheckpoint", optionsSchema, {
    everyNEpochs,
    ...options,
  });
  if (settings.everyNTrainSteps > 0 && settings.everyNEpochs > 0) {
    throw new RangeError(
      "Cannot build modelCheckpoint: expected everyNTrainSteps or everyNEpochs, got both",
    );
  }
  if (settings.monitor === null && settings.saveTopK > 1) {
    throw new RangeError(
      `Cannot build modelCheckpoint: saveTopK ${settings.saveTopK} needs a metric to monitor`,
    );
  }
  return settings;
}

/** Whether this step is an occasion to save. */
function isDue(state: TrainerState, settings: ModelCheckpointOptions): boolean {
  const { everyNTrainSteps, everyNEpochs, saveLast } = settings;
  const { step, epoch, epochEnded, validation, ending } = state;
  const validated = state.validatedAt === step;
  if (ending && (saveLast || validated)) return true;
  if (everyNTrainSteps > 0) return step % everyNTrainSteps === 0;
  if (everyNEpochs === 0 || (epoch + 1) % everyNEpochs !== 0) return false;
  return validation === "interval" ? validated : epochEnded;
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const listOf = (value: JsonObject[string] | undefined): readonly JsonObject[string][] =>
  Array.isArray(value) ? value : [];

function isSaved(value: JsonObject[string] | undefined): value is Saved {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { name, step, score } = value;
  const scored = score === null || typeof score === "number";
  return typeof name === "string" && typeof step === "number" && scored;
}
