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
  readonly cause?: unknown;
}

/** What a client is told. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: ErrorBody;

  constructor(message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    const { status = 400, type = "invalid_request_error", param = null, code = null } = options;
    this.status = status;
    this.body = { error: { message, type, param, code } };
  }
}
