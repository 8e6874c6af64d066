/** @module Who answers a request, and what that costs, for the public surface. */

export { costOf, type ModelPrice, type PricedTokens } from "./serve/prices/modelPrice.ts";
export { dollarsText, picoDollarsOf } from "./serve/prices/picoDollars.ts";
export { readPriceTable } from "./serve/prices/priceTable.ts";
export {
  thresholdForCost,
  thresholdForShare,
  type CalibrationCase,
} from "./serve/routing/calibrateThreshold.ts";
export type { JudgedAnswer, RoutedRequest } from "./serve/routing/router.ts";
export { uncertainty } from "./serve/routing/routers/cascade.ts";
export { rules } from "./serve/routing/routers/rules.ts";
export { countedFeatures, requestFeatures } from "./serve/routing/winRate/requestFeatures.ts";
export {
  readRouterFolder,
  writeRouterFolder,
  type RouterFolder,
} from "./serve/routing/winRate/routerFolder.ts";
export { winRate, type WinRateModel } from "./serve/routing/winRate/winRateModel.ts";
