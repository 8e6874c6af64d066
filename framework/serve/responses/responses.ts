import { createHash, randomBytes } from "node:crypto";

import { ApiError } from "../apiError.ts";
import type { Asker } from "../asker.ts";
import { errorAnswer } from "../errorAnswer.ts";
import type { Dispatcher, RoutedAnswer } from "../routing/dispatcher.ts";
import { chatOfResponse, responseProblem } from "./chatOfResponse.ts";
import type { ResponseBody } from "./responseBody.ts";
import { inputItems, itemId, responseOfItem } from "./responseInput.ts";
import type { ConversationItem } from "./responseItems.ts";
import type { ResponseInput, ResponseRequest } from "./responseRequest.ts";
import { ResponseRun } from "./responseRun.ts";
import type { ResponseStore, StoredResponse } from "./responseStore.ts";

export interface ResponsesOptions {
  /** Undefined: nothing is kept. */
  readonly store: ResponseStore | undefined;
  readonly warn: (line: string) => void;
}

interface Running extends Omit<StoredResponse, "body" | "events"> {
  readonly run: ResponseRun;
}

/** The responses of a server: those that are being made, and those that are kept. */
export class Responses {
  readonly #store: ResponseStore | undefined;
  readonly #warn: (line: string) => void;
  readonly #running = new Map<string, Running>();

  constructor({ store, warn }: ResponsesOptions) {
    this.#store = store;
    this.#warn = warn;
  }

  /**
   * Begins a response. Without `background` it ends when nobody waits for it any more.
   *
   * @throws {ApiError} for a request that cannot be answered
   */
  async create(
    request: ResponseRequest,
    dispatcher: Dispatcher,
    asker: Asker,
  ): Promise<ResponseRun> {
    const isStored = this.#store !== undefined && request.store !== false;
    const isBackground = request.background === true;
    if (isBackground && !isStored) {
      throw new ApiError(
        "Background mode requires store=true, and a server that keeps responses.",
        {
          param: "background",
        },
      );
    }
    const id = `resp_${randomBytes(24).toString("hex")}`;
    const { items, input } = this.conversation(request, id, asker.owner);
    const controller = isBackground ? new AbortController() : controllerOf(asker.signal);
    const { signal } = controller;
    let answer: RoutedAnswer;
    try {
      answer = await dispatcher.answer(chatOfResponse(request, items), {
        ...{ owner: asker.owner, signal },
        begin: (start) => asker.begin(start),
      });
    } catch (error) {
      throw responseProblem(error);
    }
    const created = Math.floor(Date.now() / 1000);
    const run = new ResponseRun({
      head: { id, created, model: answer.receipt.model, isStored },
      ...{ request, answer, controller },
      ids: {
        itemId: (kind, index) => itemId(kind, id, input.length + index),
        newCallId: () => `call_${randomBytes(12).toString("hex")}`,
      },
      explain: (error) => errorAnswer(error, this.#warn).body,
    });
    if (isStored) this.#keep({ run, input, owner: ownerKey(asker.owner) }, request);
    return run;
  }

  /**
   * What a request is about: all items of the conversation, and those that it brings itself.
   *
   * @param asker who asks, whose earlier responses it may name
   * @throws {ApiError} 404 for a previous response that is not there
   */
  conversation(
    request: ResponseInput,
    id: string,
    asker: string,
  ): { items: readonly ConversationItem[]; input: readonly ConversationItem[] } {
    const owner = ownerKey(asker);
    const previous = request.previous_response_id;
    const before = previous ? this.#before(previous, owner) : [];
    const input = inputItems(request, id, (item) => this.#item(item, owner));
    return { items: [...before, ...input], input };
  }

  /** All that a response was given: conversations before it, and what its own request brought. */
  inputOf({ body, input, owner }: StoredResponse): readonly ConversationItem[] {
    const { previous_response_id: previous } = body;
    return [...(previous === null ? [] : this.#before(previous, owner)), ...input];
  }

  /**
   * @param asker whose it is
   * @throws {ApiError} 404
   */
  find(id: string, asker: string): StoredResponse {
    const stored = this.#found(id, ownerKey(asker));
    if (stored) return stored;
    throw new ApiError(`Response with id '${id}' not found.`, { status: 404 });
  }

  /** The run of a response that is being made. */
  running(id: string): ResponseRun | undefined {
    return this.#running.get(id)?.run;
  }

  /** @throws {ApiError} for a response that is not there, or does not run in the background */
  async cancel(id: string, asker: string): Promise<ResponseBody> {
    const { body } = this.find(id, asker);
    if (!body.background) {
      throw new ApiError("Cannot cancel a response that was not created with background=true.");
    }
    const run = this.running(id);
    run?.cancel();
    return (await run?.ended) ?? body;
  }

  /** @throws {ApiError} 404 */
  remove(id: string, asker: string): void {
    this.find(id, asker);
    this.#running.get(id)?.run.cancel();
    this.#running.delete(id);
    this.#store?.delete(id);
  }

  /** Ends when all responses that are being made have ended. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ run }) => run.ended));
  }

  #keep({ run, input, owner }: Running, request: ResponseRequest): void {
    this.#running.set(run.id, { run, input, owner });
    if (run.isBackground) this.#store!.put({ body: run.body, input, owner });
    void run.ended.then((body) => {
      if (!this.#running.delete(run.id)) return; // it was removed
      if (body.status === "cancelled" && !run.isBackground) return; // its client has left
      const isFollowed = run.isBackground && request.stream === true;
      try {
        const events = { ...(isFollowed && { events: run.events }) };
        this.#store!.put({ body, input, owner, ...events });
      } catch (error) {
        this.#warn(`Cannot keep response ${run.id}: ${String(error)}`);
      }
    });
  }

  #found(id: string, owner: string): StoredResponse | undefined {
    const running = this.#running.get(id);
    if (running)
      return running.owner === owner ? { ...running, body: running.run.body } : undefined;
    const stored = this.#store?.get(id);
    if (stored?.owner !== owner) return undefined;
    const { status } = stored.body;
    if (status !== "queued" && status !== "in_progress") return stored;
    const failed = { ...stored, body: interrupted(stored.body) };
    this.#store!.put(failed);
    return failed;
  }

  /** The conversation that a response ends. */
  #before(id: string, owner: string): readonly ConversationItem[] {
    const parts: (readonly ConversationItem[])[] = [];
    for (let next: string | null = id; next !== null;) {
      const stored = this.#found(next, owner);
      if (!stored) {
        throw new ApiError(`Previous response with id '${next}' not found.`, {
          ...{ status: 404, param: "previous_response_id", code: "previous_response_not_found" },
        });
      }
      const { status, output } = stored.body;
      if (status !== "completed" && status !== "incomplete") {
        throw new ApiError(`Response with id '${next}' cannot be continued: it is ${status}.`, {
          param: "previous_response_id",
        });
      }
      parts.push([...stored.input, ...output]);
      next = stored.body.previous_response_id;
    }
    return parts.toReversed().flat();
  }

  #item(id: string, owner: string): ConversationItem | undefined {
    const response = responseOfItem(id);
    const stored = response === undefined ? undefined : this.#found(response, owner);
    return [...(stored?.input ?? []), ...(stored?.body.output ?? [])].find(
      (item) => item.id === id,
    );
  }
}

/** Aborts when a signal does, or before. */
function controllerOf(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  if (signal.aborted) controller.abort();
  signal.addEventListener("abort", () => controller.abort());
  return controller;
}

/** Stands for who asks where responses are kept: that may be a secret. */
function ownerKey(owner: string): string {
  return owner === "" ? "" : createHash("sha256").update(owner).digest("hex");
}

/** A response that was being made when its server stopped. */
function interrupted(body: ResponseBody): ResponseBody {
  const message = "The server stopped before this response was complete.";
  return { ...body, status: "failed", error: { code: "server_error", message } };
}
