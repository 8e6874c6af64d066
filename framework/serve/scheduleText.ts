import type { GeneratedToken } from "../decode/generation/generation.ts";
import { SchedulerFullError, type ScheduledText } from "../decode/generation/scheduler.ts";
import { overloaded } from "./apiError.ts";
import type { LanguageService } from "./languageService.ts";

/**
 * Has a model continue a text.
 *
 * @throws {ApiError} 429 where too many wait
 */
export function scheduleText(
  { scheduler }: LanguageService,
  text: ScheduledText,
): AsyncIterable<GeneratedToken> {
  try {
    return scheduler.add(text);
  } catch (cause) {
    if (!(cause instanceof SchedulerFullError)) throw cause;
    throw overloaded("The model is overloaded with other requests.", cause);
  }
}
