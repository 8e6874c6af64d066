import { Counter, Gauge, Histogram, Registry } from "prom-client";

import type { AnswerEnd } from "../asker.ts";
import type { LanguageService } from "../languageService.ts";

export interface MeasuredRequest {
  /** Its pattern, such as `/v1/models/:name`; "" for an address that is none. */
  readonly route: string;
  /** Who answered; "" where no model did. */
  readonly model: string;
  readonly status: number;
  readonly seconds: number;
}

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56];

/** What a server counts and measures, for Prometheus. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "seedbed_requests_total",
    help: "Requests that were answered; 499: the client had left",
    labelNames: ["route", "model", "status"],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: "seedbed_request_duration_seconds",
    help: "From a request's first byte to its answer's last",
    labelNames: ["route", "model"],
    buckets: requestBuckets,
    registers: [this.#registry],
  });
  readonly #firstToken = new Histogram({
    name: "seedbed_time_to_first_token_seconds",
    help: "From a request's first byte to its answer's first token, the queue included",
    labelNames: ["model"],
    buckets: requestBuckets,
    registers: [this.#registry],
  });
  readonly #betweenTokens = new Histogram({
    name: "seedbed_inter_token_seconds",
    help: "Between two tokens of a text",
    labelNames: ["model"],
    buckets: tokenBuckets,
    registers: [this.#registry],
  });
  readonly #prompt = this.#tokenCounter("prompt", "Tokens of prompts");
  readonly #cached = this.#tokenCounter(
    "cached_prompt",
    "Tokens of prompts that were computed before",
  );
  readonly #completion = this.#tokenCounter("completion", "Tokens of answers");

  constructor(services: readonly LanguageService[]) {
    for (const kind of ["running", "waiting"] as const) {
      new Gauge({
        name: `seedbed_texts_${kind}`,
        help: kind === "running" ? "Texts that have a row" : "Texts that wait for a row",
        labelNames: ["model"],
        registers: [this.#registry],
        collect() {
          for (const { name, scheduler } of services)
            this.set({ model: name }, scheduler.report()[kind]);
        },
      });
    }
    this.#processGauge("process_resident_memory_bytes", "Memory of the process", () =>
      process.memoryUsage.rss(),
    );
    this.#processGauge(
      "process_heap_bytes",
      "Memory in use by JavaScript",
      () => process.memoryUsage().heapUsed,
    );
    this.#processGauge(
      "process_start_time_seconds",
      "Since 1970",
      () => performance.timeOrigin / 1000,
    );
    // Series exist before their first event, so that a rate over them is one.
    for (const { name: model } of services) {
      for (const counter of [this.#prompt, this.#cached, this.#completion])
        counter.inc({ model }, 0);
      this.#firstToken.zero({ model });
      this.#betweenTokens.zero({ model });
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  request({ route, model, status, seconds }: MeasuredRequest): void {
    this.#requests.inc({ route, model, status });
    this.#duration.observe({ route, model }, seconds);
  }

  firstToken(model: string, seconds: number): void {
    this.#firstToken.observe({ model }, seconds);
  }

  nextToken(model: string, seconds: number): void {
    this.#betweenTokens.observe({ model }, seconds);
  }

  answer(model: string, { promptTokens, cachedTokens, completionTokens }: AnswerEnd): void {
    this.#prompt.inc({ model }, promptTokens);
    this.#cached.inc({ model }, cachedTokens);
    this.#completion.inc({ model }, completionTokens);
  }

  #tokenCounter(kind: string, help: string): Counter<"model"> {
    return new Counter({
      ...{ name: `seedbed_${kind}_tokens_total`, help, labelNames: ["model"] },
      registers: [this.#registry],
    });
  }

  #processGauge(name: string, help: string, value: () => number): void {
    new Gauge({
      ...{ name, help, registers: [this.#registry] },
      collect() {
        this.set(value());
      },
    });
  }
}
