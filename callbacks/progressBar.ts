import {
  readOptions,
  type Callback,
  type OptionsSchema,
  type Stage,
  type TrainerState,
} from "seedbed";

type Mode = "terminal" | "plain" | "json";

export interface ProgressBarOptions {
  mode: "auto" | Mode;
  refreshSeconds: number;
  everySeconds: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    mode: {
      enum: ["auto", "terminal", "plain", "json"],
      default: "auto",
      description:
        "`terminal` rewrites one line, `plain` writes line after line, `json` one object a line; `auto` is `terminal` where there is one that can, else `plain`.",
    },
    refreshSeconds: {
      type: "number",
      minimum: 0,
      default: 0.2,
      description: "On a terminal, where one line is rewritten: seconds between two updates.",
    },
    everySeconds: {
      type: "number",
      minimum: 0,
      default: 5,
      description: "Elsewhere, such as in a log file: seconds between two lines.",
    },
  },
};

/** Where the line goes. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

/** The surroundings, for tests to replace. */
export interface ProgressSurroundings {
  output?: ProgressOutput;
  nowMs?: () => number;
  environment?: NodeJS.ProcessEnv;
}

/** @param evaluated batches done of the running evaluation */
type Describe = (state: TrainerState, evaluated: number) => string;

/**
 * Shows step, loss, what was logged with `progBar`, speed and the time that is left; how far an
 * evaluation is, and what it has found.
 *
 * A line of mode `json` has `stage` (train, sanity, validate, test, predict), `step`, `epoch`,
 * `loss`, `stepsPerSecond`, `etaSeconds` and `metrics`, in an evaluation also `batch` and
 * `batches`; null stands for what is not known or not finite.
 */
export function progressBar(
  options: Partial<ProgressBarOptions> = {},
  {
    output = process.stdout,
    nowMs = () => performance.now(),
    environment = process.env,
  }: ProgressSurroundings = {},
): Callback {
  const settings = readOptions<ProgressBarOptions>("progressBar", optionsSchema, options);
  const mode = settings.mode === "auto" ? chooseMode(output, environment) : settings.mode;
  const isTerminal = mode === "terminal";
  const pauseMs = 1000 * (isTerminal ? settings.refreshSeconds : settings.everySeconds);
  let shownAtMs = -Infinity;
  let shownStep = -1;
  let lineOpen = false;
  /** Batches done of the running evaluation, of all its loaders. */
  let evaluated = 0;

  function show(state: TrainerState, describe: Describe): void {
    if (state.globalRank > 0) return;
    const line = mode === "json" ? progressJson(state, evaluated) : describe(state, evaluated);
    const text = isTerminal ? line.slice(0, (output.columns ?? 80) - 1) : line;
    output.write(isTerminal ? `\r${text}\u001b[K` : `${text}\n`);
    lineOpen = isTerminal;
    shownAtMs = nowMs();
  }

  /** Leaves the line as it is, so that what follows starts on a new one. */
  function close(): void {
    if (lineOpen) output.write("\n");
    lineOpen = false;
  }

  function showStep(state: TrainerState): void {
    if (shownStep === state.step) return;
    shownStep = state.step;
    show(state, describeProgress);
  }

  const isDue = (): boolean => nowMs() - shownAtMs >= pauseMs;

  function startEvaluation(): void {
    evaluated = 0;
  }

  function countBatch(state: TrainerState): void {
    evaluated++;
    if (isDue()) show(state, describeBatches);
  }

  function endEvaluation(state: TrainerState): void {
    show(state, describeMeans);
    close();
  }

  return {
    name: "progressBar",
    isOnly: true,
    onTrainBatchEnd(state) {
      if (state.stepFinished && isDue()) showStep(state);
    },
    onValidationStart: startEvaluation,
    onTestStart: startEvaluation,
    onPredictStart: startEvaluation,
    onValidationBatchEnd: countBatch,
    onTestBatchEnd: countBatch,
    onPredictBatchEnd: countBatch,
    onValidationEnd(state) {
      if (state.stage === "validate") endEvaluation(state);
    },
    onTestEnd: endEvaluation,
    onPredictEnd: endEvaluation,
    onTrainEnd(state) {
      showStep(state);
      close();
    },
    onException: close,
  };
}

/** A terminal called dumb cannot rewrite a line. */
function chooseMode({ isTTY }: ProgressOutput, { TERM }: NodeJS.ProcessEnv): Mode {
  return isTTY === true && TERM !== "dumb" ? "terminal" : "plain";
}

function progressJson(state: TrainerState, batch: number): string {
  const { stage, step, epoch, loss, stepsPerSecond, metrics, evaluationBatches } = state;
  const trains = stage === "train" || stage === "idle";
  return JSON.stringify({
    stage: trains ? "train" : stage,
    step,
    epoch,
    ...(!trains && { batch, batches: evaluationBatches }),
    loss,
    stepsPerSecond,
    etaSeconds: etaSeconds(state) ?? null,
    metrics,
  });
}

/** Undefined when nothing says when training ends, or how fast it is. */
function etaSeconds({ step, estimatedSteps, stepsPerSecond }: TrainerState): number | undefined {
  return Number.isFinite(estimatedSteps) && stepsPerSecond > 0
    ? (estimatedSteps - step) / stepsPerSecond
    : undefined;
}

function describeProgress(state: TrainerState): string {
  const { step, estimatedSteps, loss, stepsPerSecond } = state;
  const seconds = etaSeconds(state);
  const parts = [
    `step ${step}${Number.isFinite(estimatedSteps) ? `/${estimatedSteps}` : ""}`,
    `epoch ${state.epoch}`,
    `loss ${shorten(loss)}`,
    ...Object.entries(state.progressBarMetrics).map(describeMetric),
    `${shorten(stepsPerSecond)} steps/s`,
  ];
  if (seconds !== undefined) parts.push(`ETA ${formatDuration(seconds)}`);
  return parts.join("  ");
}

const evaluations: Partial<Record<Stage, { verb: string; prefix: string }>> = {
  sanity: { verb: "checking validation", prefix: "val/" },
  validate: { verb: "validating", prefix: "val/" },
  test: { verb: "testing", prefix: "test/" },
  predict: { verb: "predicting", prefix: "predict/" },
};

function describeBatches({ stage, evaluationBatches }: TrainerState, batch: number): string {
  const all = Number.isFinite(evaluationBatches) ? `/${evaluationBatches}` : "";
  return `${evaluations[stage]?.verb}: batch ${batch}${all}`;
}

/** The metrics of the evaluation that just ended. */
function describeMeans(state: TrainerState): string {
  const prefix = evaluations[state.stage]?.prefix ?? "";
  const means = Object.entries(state.metrics)
    .filter(([name]) => name.startsWith(prefix) && state.measuredAt(name) === state.step)
    .map(describeMetric);
  return [`step ${state.step}`, ...means].join("  ");
}

const describeMetric = ([name, value]: [string, number]): string => `${name} ${shorten(value)}`;

const shorten = (value: number): string => String(Number(value.toPrecision(4)));

/** `1h 02m`, `3m 20s`, `12s`. */
function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return minutes > 0 ? `${minutes}m ${pad(whole % 60)}s` : `${whole}s`;
}
