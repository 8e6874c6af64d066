import { setTimeout } from "node:timers/promises";

/** Something that may go well when it is tried again: no connection, a server that is overloaded. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** What the server asked for. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface RetryOptions {
  /** Pauses between the attempts, of which there is one more. */
  delaysSeconds: readonly number[];
  /** Told of each attempt that failed and will be repeated. */
  onRetry?: (reason: string, delaySeconds: number) => void;
}

/** As W&B's own uploader: twice the pause each time, at most a minute; four minutes in all. */
export const usualDelaysSeconds: readonly number[] = [2, 4, 8, 16, 32, 60, 60, 60];

const longestDelaySeconds = 120;

/**
 * Tries again after each `TransientError`.
 *
 * @throws the last of them, when there is no attempt left; anything else at once
 */
export async function withRetries<T>(
  action: () => Promise<T>,
  { delaysSeconds, onRetry = () => {} }: RetryOptions,
): Promise<T> {
  for (const delay of delaysSeconds) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const seconds = Math.min(longestDelaySeconds, error.retryAfterSeconds ?? delay);
      onRetry(error.message, seconds);
      await setTimeout(seconds * 1000);
    }
  }
  return action();
}
