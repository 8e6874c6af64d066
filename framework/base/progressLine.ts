/** Where a progress line goes. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

export interface ProgressLineOptions {
  output: ProgressOutput;
  /** Whether one line is rewritten, as `canRewrite` finds out; else line after line is written. */
  rewrites: boolean;
  /** Seconds between two updates. */
  pauseSeconds: number;
  nowMs: () => number;
}

/** A line that tells how far something is. */
export interface ProgressLine {
  /** Whether the last update is long enough ago. */
  readonly isDue: () => boolean;
  readonly show: (line: string) => void;
  /** Leaves the line as it is, so that what follows starts on a new one. */
  readonly close: () => void;
}

export function progressLine({
  output,
  rewrites,
  pauseSeconds,
  nowMs,
}: ProgressLineOptions): ProgressLine {
  /** A terminal that does not know its width says 0. */
  const width = (): number => (output.columns === 0 ? undefined : output.columns) ?? 80;
  let shownAtMs = -Infinity;
  let isOpen = false;
  return {
    isDue: () => nowMs() - shownAtMs >= 1000 * pauseSeconds,
    show(line) {
      const text = rewrites ? line.slice(0, width() - 1) : line;
      output.write(rewrites ? `\r${text}\u001b[K` : `${text}\n`);
      isOpen = rewrites;
      shownAtMs = nowMs();
    },
    close() {
      if (isOpen) output.write("\n");
      isOpen = false;
    },
  };
}

/** A terminal called dumb cannot rewrite a line. */
export function canRewrite({ isTTY }: ProgressOutput, { TERM }: NodeJS.ProcessEnv): boolean {
  return isTTY === true && TERM !== "dumb";
}
