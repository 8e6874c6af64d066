import type { Run } from "../../tracking/run.ts";
import { dollarsText } from "../prices/picoDollars.ts";
import type { AnsweredRequest } from "./dispatcher.ts";

export interface AnswerLogOptions {
  /** Its loggers are open. */
  readonly run: Run;
  /** Names of the models that answer. */
  readonly models: readonly string[];
  /** Whether what was asked is kept. Default: no. */
  readonly hasMessages?: boolean;
  /** Told when a line cannot be written, once. */
  readonly warn: (line: string) => void;
  /** Milliseconds since 1970, for display. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Sums over all requests. */
interface Totals {
  requests: number;
  cost: bigint;
  counterfactual: bigint;
}

/** Keeps what was answered, by whom and for how much, as the metrics of a run: a step is a request. */
export class AnswerLog {
  readonly #options: AnswerLogOptions;
  readonly #now: () => number;
  readonly #totals: Totals = { requests: 0, cost: 0n, counterfactual: 0n };
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(options: AnswerLogOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Of the run. */
  get folder(): string {
    return this.#options.run.folder;
  }

  /** Takes note of a request; what is written is written later. */
  add(answered: AnsweredRequest): void {
    const { run, hasMessages = false } = this.#options;
    const step = ++this.#totals.requests;
    const metrics = this.#metricsOf(answered);
    const point = { step, epoch: 0, wallTimeSeconds: this.#now() / 1000 };
    this.#last = this.#last.then(async () => {
      try {
        await run.logMetrics(metrics, point);
        if (!hasMessages) return;
        await run.logText("request", JSON.stringify(answered.request), point);
      } catch (error) {
        this.#tell(error);
      }
    });
  }

  /** Writes what is not yet written, and how all of it sums up. */
  async close(): Promise<void> {
    await this.#last;
    const { requests, cost, counterfactual } = this.#totals;
    try {
      await this.#options.run.finish("finished", {
        requests,
        "cost/dollars": Number(dollarsText(cost)),
        "cost/counterfactualDollars": Number(dollarsText(counterfactual)),
      });
    } catch (error) {
      this.#tell(error);
    }
  }

  #metricsOf({ receipt, firstTokenMs, totalMs, isWhole }: AnsweredRequest): Record<string, number> {
    const { decision, attempts, model, cost, counterfactual } = receipt;
    const { promptTokens, cachedTokens, completionTokens } = attempts.at(-1)!.tokens;
    const names = this.#options.models;
    return {
      ...Object.fromEntries(names.map((name) => [`answered/${name}`, name === model ? 1 : 0])),
      ...known("routing/score", decision.score),
      ...known("routing/threshold", decision.threshold),
      ...known("latency/firstTokenMs", firstTokenMs),
      "routing/attempts": attempts.length,
      [`routing/reason/${decision.reason}`]: 1,
      "tokens/prompt": promptTokens,
      "tokens/cached": cachedTokens,
      "tokens/completion": completionTokens,
      "latency/totalMs": totalMs,
      "answer/isWhole": isWhole ? 1 : 0,
      ...(cost !== undefined && counterfactual !== undefined && this.#costs(cost, counterfactual)),
    };
  }

  #costs(cost: bigint, counterfactual: bigint): Record<string, number> {
    const totals = this.#totals;
    totals.cost += cost;
    totals.counterfactual += counterfactual;
    const dollars = (picoDollars: bigint): number => Number(dollarsText(picoDollars));
    return {
      "cost/dollars": dollars(cost),
      "cost/counterfactualDollars": dollars(counterfactual),
      "total/dollars": dollars(totals.cost),
      "total/counterfactualDollars": dollars(totals.counterfactual),
      ...(totals.counterfactual > 0n && {
        "total/savedShare": 1 - Number(totals.cost) / Number(totals.counterfactual),
      }),
    };
  }

  #tell(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.warn(`Cannot log what was answered: ${String(error)}; answers go on`);
  }
}

const known = (name: string, value: number | undefined): Record<string, number> =>
  value === undefined ? {} : { [name]: value };
