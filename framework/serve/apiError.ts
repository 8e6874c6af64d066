/** The body of an error, as OpenAI's API has it. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

export interface ApiErrorOptions {
  /** Of HTTP. Default: 400. */
  readonly status?: number;
  /** Default: `invalid_request_error`. */
  readonly type?: string;
  /** The field that is wrong. */
  readonly param?: string;
  readonly code?: string;
  /** When it may be worth another try. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** What a client is told. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    const { status = 400, type = "invalid_request_error", param = null, code = null } = options;
    this.status = status;
    this.retryAfterMs = options.retryAfterMs;
    this.body = { error: { message, type, param, code } };
  }
}

/** Too much is under way already. */
export const overloaded = (message: string, cause?: unknown): ApiError =>
  new ApiError(`${message} Try again later.`, {
    ...{ status: 429, type: "requests", code: "rate_limit_exceeded" },
    ...{ retryAfterMs: 1000, cause },
  });

/** Headers that go with an error. */
export function errorHeaders({ status, retryAfterMs }: ApiError): Record<string, string> {
  return {
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...(retryAfterMs !== undefined && {
      "retry-after": String(Math.ceil(retryAfterMs / 1000)),
      "retry-after-ms": String(retryAfterMs),
    }),
  };
}
