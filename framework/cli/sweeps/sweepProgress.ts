import { formatDuration } from "../../base/formatDuration.ts";
import { canRewrite, progressLine, type ProgressLine } from "../../base/progressLine.ts";
import { describeOrigin } from "../../spec/specNode.ts";
import type { DecidedEvent } from "../../sweep/journal.ts";
import { describeTrial } from "../../sweep/pointLabels.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { SweepListener } from "../../sweep/sweepRunner.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";
import { readTrialProgress } from "../../sweep/trialProgress.ts";
import { metricNames, trialMetric, type TrialRecord } from "../../sweep/trialRecord.ts";
import type { Terminal } from "../terminal.ts";

export interface SweepProgressOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  /** Trials that were finished before. */
  readonly finished: number;
  /** How many there are; undefined when nobody knows. */
  readonly count: () => number | undefined;
  readonly terminal: Terminal;
  readonly nowMs?: () => number;
}

/** Running trials that the line shows, of which a cluster may have a thousand. */
const mostShown = 8;

/** Says what a sweep does: a line when a trial starts and ends, and one that tells how far it is. */
export class SweepProgress implements SweepListener {
  readonly #options: SweepProgressOptions;
  readonly #line: ProgressLine | undefined;
  readonly #startMs: number;
  readonly #nowMs: () => number;
  readonly #running = new Map<Trial, { startStep: number; maxSteps?: number }>();
  /** Trials done since the sweep was started, parts of them included. */
  #done = 0;
  #ended = 0;
  #failed = 0;
  #hasChecked = false;

  constructor(options: SweepProgressOptions) {
    const { terminal, nowMs = () => performance.now() } = options;
    const { progress } = terminal;
    this.#options = options;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    const rewrites = progress !== undefined && canRewrite(progress, process.env);
    const pauseSeconds = rewrites ? 1 : 30;
    this.#line = progress && progressLine({ output: progress, rewrites, pauseSeconds, nowMs });
  }

  /** @param maxSteps of the trial, as far as its spec says */
  prepared(trial: Trial, maxSteps: number | undefined): void {
    const startStep = this.#progressOf(trial)?.step ?? 0;
    this.#running.set(trial, { startStep, ...(maxSteps !== undefined && { maxSteps }) });
  }

  started(trial: Trial): void {
    const { plan, folder } = this.#options;
    const words = describeTrial(plan.spec, trial);
    this.#print(`${this.#nameOf(trial)} starts: ${words}, ${folder.runFolder(trial.id)}`);
  }

  ended(trial: Trial, record: TrialRecord, willRetry: boolean): void {
    if (record.status === "finished") this.#checkMetrics(trial, record);
    this.#done += this.#fraction(trial, record.status === "finished");
    this.#running.delete(trial);
    if (!willRetry && record.status !== "paused") this.#ended++;
    if (record.status === "failed" && !willRetry) this.#failed++;
    this.#print(`${this.#nameOf(trial)} ${this.#describeEnd(trial, record, willRetry)}`);
  }

  decided(trial: Trial, { decision, reason }: DecidedEvent): void {
    const isDropped = decision === "dropped";
    if (isDropped) this.#ended++;
    this.#print(`${this.#nameOf(trial)} ${isDropped ? "does not go on" : "goes on"}: ${reason}`);
  }

  waitsFor(trial: Trial, pid: number): void {
    this.#print(`${this.#nameOf(trial)} is still run by process ${pid}: waiting until that ends`);
  }

  lost(trial: Trial): void {
    this.#running.delete(trial);
    this.#print(`${this.#nameOf(trial)} was taken over by another worker`);
  }

  keepsSecrets(trial: Pick<Trial, "index">, reason: string): void {
    this.#line?.close();
    this.#options.terminal.warn(`${this.#nameOf(trial)}: ${reason}`);
  }

  /** Shows how far the sweep is, unless it was shown just now. */
  tick(): void {
    if (this.#line?.isDue()) this.#line.show(this.describe());
  }

  close(): void {
    this.#line?.close();
  }

  /** `3/36 trials done, ETA 2h 10m  | 4: step 120/1000 loss 0.03`. */
  describe(): string {
    const { finished } = this.#options;
    const count = this.#options.count();
    const all = count === undefined ? "" : `/${count}`;
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : "";
    const eta = this.#etaSeconds();
    const left = eta === undefined ? "" : `, ETA ${formatDuration(eta)}`;
    const trials = [...this.#running.keys()];
    const running = trials.slice(0, mostShown).map((trial) => this.#describeRunning(trial));
    const more = trials.length > mostShown ? [`and ${trials.length - mostShown} more`] : [];
    const done = `${finished + this.#ended}${all} trials done${failed}${left}`;
    return [done, ...running, ...more].join(" | ");
  }

  #describeRunning(trial: Trial): string {
    const progress = this.#progressOf(trial);
    if (!progress) return `${trial.index + 1}: starting`;
    const maxSteps = this.#running.get(trial)?.maxSteps;
    const steps = `step ${progress.step}${maxSteps === undefined ? "" : `/${maxSteps}`}`;
    const loss = progress.loss === undefined ? "" : ` loss ${shorten(progress.loss)}`;
    return `${trial.index + 1}: ${steps}${loss}`;
  }

  /** From the pace since the sweep was started; undefined before there is one. */
  #etaSeconds(): number | undefined {
    const { finished } = this.#options;
    const count = this.#options.count();
    const parts = [...this.#running.keys()].map((trial) => this.#fraction(trial, false));
    const done = this.#done + parts.reduce((sum, part) => sum + part, 0);
    if (count === undefined || done <= 0) return undefined;
    const left = count - finished - this.#ended - parts.reduce((sum, part) => sum + part, 0);
    return (Math.max(0, left) * (this.#nowMs() - this.#startMs)) / 1000 / done;
  }

  /** Part of a trial that was done since it was started here, 0 to 1. */
  #fraction(trial: Trial, isFinished: boolean): number {
    const { startStep = 0, maxSteps } = this.#running.get(trial) ?? {};
    if (maxSteps === undefined) return Number(isFinished);
    const step = isFinished ? maxSteps : (this.#progressOf(trial)?.step ?? startStep);
    return Math.max(0, Math.min(1, (step - startStep) / maxSteps));
  }

  #progressOf(trial: Trial): ReturnType<typeof readTrialProgress> {
    return readTrialProgress(this.#options.folder.runFolder(trial.id));
  }

  #describeEnd(trial: Trial, record: TrialRecord, willRetry: boolean): string {
    const { status, seconds, reason, pausedAt } = record;
    const time = formatDuration(seconds);
    if (status === "finished") return `finished in ${time}${this.#describeMetric(trial, record)}`;
    if (status === "pruned") return `stopped for good after ${time}: ${reason}`;
    if (status === "paused") return `pauses after ${time} at step ${pausedAt}`;
    if (status === "interrupted") return `stopped after ${time}; it can go on`;
    const log = `see ${this.#options.folder.runFolder(trial.id)}/trial.log`;
    return `failed after ${time}: ${reason ?? "unknown"}; ${willRetry ? "trying again" : log}`;
  }

  /** Tells once that a metric is not among those that a trial has. */
  #checkMetrics(trial: Trial, record: TrialRecord): void {
    if (this.#hasChecked) return;
    this.#hasChecked = true;
    const { plan, folder, terminal } = this.#options;
    const known = metricNames(folder.runFolder(trial.id), record);
    const { origin } = plan.spec.root.entries.get("metric") ?? plan.spec.root;
    for (const { name } of plan.spec.objectives.filter((each) => !known.includes(each.name))) {
      const has = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      terminal.warn(
        `${describeOrigin(origin)} at /metric/name: expected a metric of the trials, got "${name}", which the first one that has finished does not have: ${has}`,
      );
    }
  }

  #describeMetric(trial: Trial, record: TrialRecord): string {
    const { plan, folder } = this.#options;
    const words = plan.spec.objectives.map(({ name }) => {
      const value = trialMetric(folder.runFolder(trial.id), record, name);
      return `${name} ${value === undefined ? "was not reported" : shorten(value)}`;
    });
    return words.length === 0 ? "" : `: ${words.join(", ")}`;
  }

  #nameOf({ index }: Pick<Trial, "index">): string {
    const count = this.#options.count();
    return `Trial ${index + 1}${count === undefined ? "" : `/${count}`}`;
  }

  #print(line: string): void {
    this.#line?.close();
    this.#options.terminal.print(line);
  }
}

const shorten = (value: number): string => String(Number(value.toPrecision(4)));
