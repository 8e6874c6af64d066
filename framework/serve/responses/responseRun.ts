import { EventEmitter, once } from "node:events";

import type { ErrorBody } from "../apiError.ts";
import { reportBody, reportHeaders } from "../conversation/truncationReport.ts";
import type { StreamEvent } from "../eventStream.ts";
import type { RoutedAnswer } from "../routing/dispatcher.ts";
import { hasLogprobs } from "./chatOfResponse.ts";
import { OutputEvents, type OutputEvent, type OutputIds } from "./outputEvents.ts";
import {
  beginning,
  responseBody,
  responseUsage,
  type ResponseBody,
  type ResponseHead,
  type ResponseState,
  type ResponseStatus,
} from "./responseBody.ts";
import type { ResponseRequest } from "./responseRequest.ts";

export interface ResponseRunOptions {
  readonly head: ResponseHead;
  readonly request: ResponseRequest;
  readonly answer: RoutedAnswer;
  readonly ids: OutputIds;
  /** Ends what is said; its reason is an AbortError. */
  readonly controller: AbortController;
  /** What a client is told of an error. */
  readonly explain: (error: unknown) => ErrorBody;
}

/** A response on its way: what it is by now, and the events that led there. */
export class ResponseRun {
  readonly id: string;
  readonly isBackground: boolean;
  /** Ends with the response, however it does. */
  readonly ended: Promise<ResponseBody>;
  /** Whether anybody may read its events. */
  readonly #isFollowed: boolean;
  readonly #options: ResponseRunOptions;
  readonly #output: OutputEvents;
  readonly #events: StreamEvent[] = [];
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #state: ResponseState;
  #isEnded = false;
  /** Why it could not be made. */
  failure: unknown;

  constructor(options: ResponseRunOptions) {
    const { head, request, ids } = options;
    this.id = head.id;
    this.isBackground = request.background === true;
    this.#isFollowed = this.isBackground || request.stream === true;
    this.#options = options;
    this.#output = new OutputEvents(ids, { hasLogprobs: hasLogprobs(request) });
    this.#state = { ...beginning, status: this.isBackground ? "queued" : "in_progress" };
    this.#tellState("response.created");
    this.#tellState(this.isBackground ? "response.queued" : "response.in_progress");
    this.ended = this.#make();
  }

  get body(): ResponseBody {
    const { head, request, answer } = this.#options;
    const report = reportBody(answer.truncation);
    if (!this.#isEnded) {
      const state = { ...this.#state, output: this.#output.items };
      return { ...responseBody(head, request, state), ...report };
    }
    return { ...responseBody(head, request, this.#state), ...answer.receipt.body(), ...report };
  }

  /** What may be told of the answer before it has ended. */
  headers(): Record<string, string> {
    const { receipt, truncation } = this.#options.answer;
    return { ...receipt.headers(), ...reportHeaders(truncation) };
  }

  get events(): readonly StreamEvent[] {
    return this.#events;
  }

  cancel(): void {
    this.#options.controller.abort();
  }

  /** Events as they come, from one on. */
  async *follow(from = 0): AsyncGenerator<StreamEvent, void, undefined> {
    for (let next = from; ;) {
      while (next < this.#events.length) yield this.#events[next++]!;
      if (this.#isEnded) return;
      await once(this.#changes, "change");
    }
  }

  async #make(): Promise<ResponseBody> {
    const { answer, controller, explain } = this.#options;
    let isCut = false;
    try {
      for await (const news of answer.news) {
        if (this.#state.status === "queued") this.#setState("in_progress");
        for (const event of this.#output.add(news)) this.#tell(event);
        isCut ||= news.finish === "length";
      }
      for (const event of this.#output.end(!isCut)) this.#tell(event);
      this.#end(isCut ? "incomplete" : "completed", {
        incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
      });
    } catch (error) {
      this.failure = error;
      if (controller.signal.aborted) this.#end("cancelled", {});
      else {
        const { code, message } = explain(error).error;
        this.#end("failed", { error: { code: code ?? "server_error", message } });
      }
    }
    return this.body;
  }

  #setState(status: "in_progress"): void {
    this.#state = { ...this.#state, status };
    this.#tellState(`response.${status}`);
  }

  #end(status: ResponseStatus, more: Partial<ResponseState>): void {
    const output = this.#output.items;
    const usage = status === "failed" ? null : responseUsage(this.#options.answer.usage);
    const completed_at = status === "completed" ? Math.floor(Date.now() / 1000) : null;
    this.#state = { ...this.#state, status, output, usage, completed_at, ...more };
    this.#isEnded = true;
    // Who has cancelled is told, though OpenAI's API has no event for that.
    this.#tellState(`response.${status === "cancelled" ? "incomplete" : status}`);
  }

  #tellState(type: string): void {
    this.#tell({ type, response: { ...this.body } });
  }

  #tell({ type, ...event }: OutputEvent): void {
    if (!this.#isFollowed) return;
    const numbered = { type, ...event, sequence_number: this.#events.length };
    this.#events.push({ name: type, data: JSON.stringify(numbered) });
    this.#changes.emit("change");
  }
}
