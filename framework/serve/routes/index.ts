import type { Route } from "../route.ts";
import { chatCompletions } from "./chatCompletions.ts";
import { health } from "./health.ts";
import { metrics } from "./metrics.ts";
import { models } from "./models.ts";
import { playground } from "./playground.ts";
import { responseCancel } from "./responseCancel.ts";
import { responseInputItems } from "./responseInputItems.ts";
import { responseInputTokens } from "./responseInputTokens.ts";
import { responses } from "./responses.ts";
import { storedResponse } from "./storedResponse.ts";

/** What a server answers. */
export const routes: readonly Route[] = [
  ...[playground, health, metrics, models, chatCompletions],
  ...[responses, responseInputTokens, storedResponse, responseCancel, responseInputItems],
];
