import type { Route } from "../route.ts";
import { chatCompletions } from "./chatCompletions.ts";
import { health } from "./health.ts";
import { models } from "./models.ts";

/** What a server answers. */
export const routes: readonly Route[] = [health, models, chatCompletions];
