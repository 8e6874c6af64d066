import {
  canRewrite,
  formatDuration,
  progressLine,
  readOptions,
  type Callback,
  type OptionsSchema,
  type ProgressOutput,
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
  const automatic = canRewrite(output, environment) ? "terminal" : "plain";
  const mode = settings.mode === "auto" ? automatic : settings.mode;
  const rewrites = mode === "terminal";
  const pauseSeconds = rewrites ? settings.refreshSeconds : settings.everySeconds;
  const progress = progressLine({ output, rewrites, pauseSeconds, nowMs });
  const { close, isDue } = progress;
  let shownStep = -1;
  /** Batches done of the running evaluation, of all its loaders. */
  let evaluated = 0;

  function show(state: TrainerState, describe: Describe): void {
    if (state.globalRank > 0) return;
    progress.show(mode === "json" ? progressJson(state, evaluated) : describe(state, evaluated));
  }

  function showStep(state: TrainerState): void {
    if (shownStep === state.step) return;
    shownStep = state.step;
    show(state, describeProgress);
  }

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
