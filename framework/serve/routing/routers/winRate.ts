import type { RequestRouter } from "../router.ts";
import { winRate as winRateOf, type WinRateModel } from "../winRate/winRateModel.ts";

/** Asks the strong model where it is likely enough to give the better answer, as was learnt. */
export function winRate(model: WinRateModel, threshold: number): RequestRouter {
  return {
    kind: "request",
    name: "winRate",
    threshold,
    score: (request) => winRateOf(model, request),
  };
}
