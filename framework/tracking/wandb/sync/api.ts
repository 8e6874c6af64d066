import { InputError } from "../../../base/errors.ts";
import { parseJson } from "../../../base/json.ts";
import { isRecord } from "../../parameters.ts";
import type { WandbCredentials } from "./credentials.ts";
import { TransientError, usualDelaysSeconds, withRetries } from "./retry.ts";

export interface WandbApiOptions extends WandbCredentials {
  /** How long a request may take; a file of many megabytes takes as long again for each 10. */
  timeoutSeconds?: number;
  /** See `withRetries`. */
  delaysSeconds?: readonly number[];
  onRetry?: (reason: string, delaySeconds: number) => void;
}

/** The server does not take the key. */
export class KeyRefusedError extends InputError {}

interface Request {
  method: "POST" | "PUT";
  headers: Readonly<Record<string, string>>;
  body: string | Blob;
}

const bytesPerTimeout = 10e6;

/**
 * W&B's server: GraphQL, the stream of a run's lines, and addresses to put files at. Requests are
 * repeated while that may help. What it throws names no key.
 */
export class WandbApi {
  readonly baseUrl: string;
  readonly #key: string;
  readonly #timeoutSeconds: number;
  readonly #delaysSeconds: readonly number[];
  readonly #onRetry: ((reason: string, delaySeconds: number) => void) | undefined;

  constructor(options: WandbApiOptions) {
    this.baseUrl = options.baseUrl;
    this.#key = options.key;
    this.#timeoutSeconds = options.timeoutSeconds ?? 60;
    this.#delaysSeconds = options.delaysSeconds ?? usualDelaysSeconds;
    this.#onRetry = options.onRetry;
  }

  /**
   * @returns `data` of the answer
   * @throws {InputError} with the server's words when it refuses
   */
  async graphql(query: string, variables: object): Promise<Record<string, unknown>> {
    const answer = await this.#post("/graphql", { query, variables });
    const { data, errors } = answer;
    if (Array.isArray(errors) && errors.length > 0) this.#refuse(messageOf(errors));
    if (isRecord(data)) return data;
    throw new InputError(`Cannot upload to W&B: ${this.baseUrl} answered without data`);
  }

  /** Sends a part of a run's lines. When it returns, the server has them. */
  async fileStream(run: RunAddress, content: object): Promise<void> {
    const names = [run.entity, run.project, run.runId].map(encodeURIComponent);
    await this.#post(`/files/${names.join("/")}/file_stream`, content);
  }

  /** @param headers of the server's making, each as `Name:Value` */
  async put(url: string, headers: readonly string[], content: Blob): Promise<void> {
    const pairs = headers.map((header): [string, string] => {
      const at = header.indexOf(":");
      return [header.slice(0, at), header.slice(at + 1)];
    });
    const request = { method: "PUT", headers: Object.fromEntries(pairs), body: content } as const;
    await this.#send(url.startsWith("/") ? this.baseUrl + url : url, request);
  }

  async #post(place: string, content: object): Promise<Record<string, unknown>> {
    const headers = {
      Authorization: `Basic ${Buffer.from(`api:${this.#key}`).toString("base64")}`,
      "Content-Type": "application/json",
      "User-Agent": "seedbed",
    };
    const body = JSON.stringify(content);
    const text = await this.#send(this.baseUrl + place, { method: "POST", headers, body });
    const answer = parseJson(text);
    if (isRecord(answer)) return answer;
    throw new InputError(
      `Cannot upload to W&B: expected JSON from ${this.baseUrl}, got ${JSON.stringify(this.#clean(text.slice(0, 60)))}; is WANDB_BASE_URL right, and does your network ask for a login`,
    );
  }

  #send(url: string, request: Request): Promise<string> {
    const onRetry = this.#onRetry;
    return withRetries(() => this.#sendOnce(url, request), {
      delaysSeconds: this.#delaysSeconds,
      ...(onRetry && { onRetry }),
    });
  }

  async #sendOnce(url: string, request: Request): Promise<string> {
    const size = typeof request.body === "string" ? request.body.length : request.body.size;
    const seconds = this.#timeoutSeconds * (1 + size / bytesPerTimeout);
    const signal = AbortSignal.timeout(Math.ceil(seconds * 1000));
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { ...request, signal });
      text = await response.text();
    } catch (cause) {
      const reason = this.#clean(reasonOf(cause, seconds));
      throw new TransientError(`${new URL(url).host}: ${reason}`, undefined, { cause });
    }
    if (response.ok) return text;
    return this.#fail(response, text);
  }

  #fail({ status, headers }: Response, text: string): never {
    if (status === 429 || status === 408 || status >= 500) {
      const seconds = Number(headers.get("retry-after") ?? NaN);
      throw new TransientError(
        `the server answered HTTP ${status}`,
        Number.isFinite(seconds) ? seconds : undefined,
      );
    }
    if (status === 401 || status === 403) {
      throw new KeyRefusedError(
        `Cannot upload to W&B: ${this.baseUrl} refuses the key (HTTP ${status}); is WANDB_API_KEY the key of this server, and may its owner write to the project`,
      );
    }
    const answer = parseJson(text);
    const errors = isRecord(answer) ? answer["errors"] : undefined;
    const words = Array.isArray(errors) ? messageOf(errors) : `HTTP ${status}`;
    this.#refuse(status === 404 ? `${words}, not found` : words);
  }

  #refuse(words: string): never {
    throw new InputError(`Cannot upload to W&B: ${this.baseUrl} answered: ${this.#clean(words)}`);
  }

  /** Text without the key. */
  #clean(text: string): string {
    return text.replaceAll(this.#key, "[key]");
  }
}

/** Where a run is at W&B. */
export interface RunAddress {
  entity: string;
  project: string;
  runId: string;
}

function messageOf(errors: readonly unknown[]): string {
  return errors
    .map((error) => (isRecord(error) ? String(error["message"]) : String(error)))
    .join("; ");
}

/** fetch hides what happened behind "fetch failed". */
function reasonOf(error: unknown, seconds: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError")
    return `no answer in ${Number(seconds.toPrecision(2))} seconds`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
}
