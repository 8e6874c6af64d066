/** Searchers by the name that a sweep's `method` gives. */
import type { SearchMethod } from "../../spec/sweepSpec.ts";
import type { CreateSearcher } from "../searcher.ts";
import { bayesSearcher } from "./bayes.ts";
import { cmaEsSearcher } from "./cmaEs.ts";
import { gridSearcher } from "./grid.ts";
import { latinHypercubeSearcher } from "./latinHypercube.ts";
import { nsga2Searcher } from "./nsga2.ts";
import { randomSearcher } from "./random.ts";
import { sobolSearcher } from "./sobol.ts";
import { tpeSearcher } from "./tpe.ts";

export const searchers: Readonly<Record<SearchMethod, CreateSearcher>> = {
  grid: gridSearcher,
  random: randomSearcher,
  latin_hypercube: latinHypercubeSearcher,
  sobol: sobolSearcher,
  tpe: tpeSearcher,
  bayes: bayesSearcher,
  cma_es: cmaEsSearcher,
  nsga2: nsga2Searcher,
  pbt: randomSearcher, // members begin with independent draws
};
