import type { Logger } from "../logger.ts";
import { silentLogger } from "./silentLogger.ts";

export interface ConsoleOptions {
  print: (line: string) => void;
  /** Steps between two lines; absent: `everySeconds` counts. */
  everySteps?: number;
  everySeconds?: number;
  /** Seconds, only ever growing. */
  clock?: () => number;
}

/**
 * Prints the newest value of every metric, in plain lines such as `step 40, epoch 2, train/loss 0.31`:
 * for logs that nobody watches, where a progress bar has no place.
 */
export function consoleLogger({
  print,
  everySteps,
  everySeconds = 10,
  clock = () => performance.now() / 1000,
}: ConsoleOptions): Logger {
  const newest = new Map<string, number>();
  let point = { step: 0, epoch: 0 };
  let printedStep = -Infinity;
  let printedAt = -Infinity;

  function show(): void {
    if (newest.size === 0) return;
    const values = Object.entries({ ...point, ...Object.fromEntries(newest), ...point });
    print(values.map(([name, value]) => `${name} ${format(value)}`).join(", "));
    newest.clear();
    printedStep = point.step;
    printedAt = clock();
  }

  const isDue = (): boolean =>
    everySteps === undefined
      ? clock() - printedAt >= everySeconds
      : point.step - printedStep >= everySteps;

  return {
    ...silentLogger, // lines are for numbers
    name: "console",
    logMetrics(metrics, { step, epoch }) {
      if (step > point.step && isDue()) show(); // all of a step's values are in one line
      point = { step, epoch };
      for (const [name, value] of Object.entries(metrics)) newest.set(name, value);
    },
    finalize: show,
  };
}

/** Whole numbers with all digits, such as steps; others with four. */
const format = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
