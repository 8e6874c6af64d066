import { readOptions, type Callback, type OptionsSchema, type TrainerState } from "seedbed";

export interface ProgressBarOptions {
  refreshSeconds: number;
  everySeconds: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
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

/** Where the line goes and what the time is. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

/** Shows step, loss, speed and the time that is left. */
export function progressBar(
  options: Partial<ProgressBarOptions> = {},
  output: ProgressOutput = process.stdout,
  nowMs: () => number = () => performance.now(),
): Callback {
  const { refreshSeconds, everySeconds } = readOptions<ProgressBarOptions>(
    "progressBar",
    optionsSchema,
    options,
  );
  const isTerminal = output.isTTY === true;
  const pauseMs = 1000 * (isTerminal ? refreshSeconds : everySeconds);
  let shownAtMs = -Infinity;
  let shownStep = -1;
  let lineOpen = false;

  function show(line: string): void {
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
    show(describeProgress(state));
  }

  return {
    name: "progressBar",
    onSanityCheckStart: () => show("checking validation"),
    onTrainBatchEnd(state) {
      if (state.stepFinished && nowMs() - shownAtMs >= pauseMs) showStep(state);
    },
    onValidationBatchEnd(state) {
      if (isTerminal && nowMs() - shownAtMs >= pauseMs) {
        show(`validating: batch ${state.batchIndex + 1}`);
      }
    },
    onValidationEnd(state) {
      if (state.stage !== "validate") return;
      show(`step ${state.step}  ${describeValidation(state)}`);
      close();
    },
    onTrainEnd(state) {
      showStep(state);
      close();
    },
    onException: close,
  };
}

function describeProgress(state: TrainerState): string {
  const { step, estimatedSteps, loss, stepsPerSecond } = state;
  const bounded = Number.isFinite(estimatedSteps);
  const parts = [
    `step ${step}${bounded ? `/${estimatedSteps}` : ""}`,
    `epoch ${state.epoch}`,
    `loss ${shorten(loss)}`,
    `${shorten(stepsPerSecond)} steps/s`,
  ];
  if (bounded && stepsPerSecond > 0) {
    parts.push(`ETA ${formatDuration((estimatedSteps - step) / stepsPerSecond)}`);
  }
  return parts.join("  ");
}

/** The metrics of the validation that just ended. */
function describeValidation(state: TrainerState): string {
  return Object.entries(state.metrics)
    .filter(([name]) => name.startsWith("val/") && state.measuredAt(name) === state.step)
    .map(([name, value]) => `${name} ${shorten(value)}`)
    .join("  ");
}

const shorten = (value: number): string => String(Number(value.toPrecision(4)));

/** `1h 02m`, `3m 20s`, `12s`. */
function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return minutes > 0 ? `${minutes}m ${pad(whole % 60)}s` : `${whole}s`;
}
