import { ApiError } from "../apiError.ts";
import type { ApiKey } from "../keys/apiKey.ts";
import { TokenBucket } from "./tokenBucket.ts";

interface KeyBuckets {
  readonly requests: TokenBucket | undefined;
  readonly tokens: TokenBucket | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** What each key may still take. */
export class KeyLimits {
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, KeyBuckets>();

  /** @param nowMs a clock that never goes back, in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @throws {ApiError} 429 for a request too many */
  takeRequest(key: ApiKey): void {
    const { requests } = this.#of(key);
    if (requests) checkRoom(requests, 1, "requests");
    requests?.take(1);
  }

  /**
   * Reserves what an answer may take. An answer begins while anything is left at all, so that one
   * that is larger than the allowance of a minute can be had: others wait for what it overdraws.
   *
   * @returns gives back what was reserved but for what it took
   * @throws {ApiError} 429 while nothing is left
   */
  reserveTokens(key: ApiKey, most: number): (taken: number) => void {
    const { tokens } = this.#of(key);
    if (!tokens) return () => {};
    checkRoom(tokens, 1, "tokens");
    tokens.take(most);
    return (taken) => tokens.giveBack(most - taken);
  }

  /** What OpenAI's API tells of limits in its headers. */
  headers(key: ApiKey): Headers {
    const { requests, tokens } = this.#of(key);
    return {
      ...(requests && headersOf(requests, "requests")),
      ...(tokens && headersOf(tokens, "tokens")),
    };
  }

  /** An allowance that has changed begins anew. */
  #of({ name, requestsPerMinute, tokensPerMinute }: ApiKey): KeyBuckets {
    const known = this.#buckets.get(name);
    if (
      known?.requests?.perMinute === requestsPerMinute &&
      known?.tokens?.perMinute === tokensPerMinute
    ) {
      return known ?? { requests: undefined, tokens: undefined };
    }
    const bucket = (perMinute: number | undefined): TokenBucket | undefined =>
      perMinute === undefined ? undefined : new TokenBucket(perMinute, this.#nowMs);
    const made = { requests: bucket(requestsPerMinute), tokens: bucket(tokensPerMinute) };
    this.#buckets.set(name, made);
    return made;
  }
}

function checkRoom(bucket: TokenBucket, count: number, kind: "requests" | "tokens"): void {
  const retryAfterMs = Math.ceil(bucket.waitMs(count));
  if (retryAfterMs === 0) return;
  throw new ApiError(
    `Rate limit reached: this key may take ${bucket.perMinute} ${kind} per minute. Please try again in ${durationText(retryAfterMs)}.`,
    { status: 429, type: kind, code: "rate_limit_exceeded", retryAfterMs },
  );
}

const headersOf = (bucket: TokenBucket, kind: string): Headers => ({
  [`x-ratelimit-limit-${kind}`]: String(bucket.perMinute),
  [`x-ratelimit-remaining-${kind}`]: String(Math.max(0, Math.floor(bucket.level))),
  [`x-ratelimit-reset-${kind}`]: durationText(bucket.waitMs(bucket.perMinute)),
});

/** As OpenAI's API writes durations: `17ms`, `1.5s`, `6m0s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds)}ms`;
  const seconds = Math.ceil(milliseconds / 10) / 100;
  if (seconds < 60) return `${seconds}s`;
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}m${whole % 60}s`;
}
