import { expect } from "chai";
import { describe, it } from "mocha";

import type { SweepAnswer } from "../../../../../framework/dashboard/api.ts";
import { sweepTrials } from "../../../../../framework/dashboard/page/sweeps/sweepTrials.ts";

function sweep(goal: "minimize" | "maximize"): SweepAnswer {
  type Answered = SweepAnswer["trials"][number];
  const trial = (key: string, value: Answered["value"]): Answered => {
    return { key, status: "finished", group: "", parameters: [], value };
  };
  return {
    ...{ id: "s", name: "s", metric: { name: "loss", goal }, parameters: [], importance: [] },
    ...{ runs: 5, finished: 5, failed: 0 },
    trials: [trial("a", 3), trial("b", 1), trial("c", "NaN"), trial("d", null), trial("e", 2)],
  };
}

describe("sweepTrials()", () => {
  for (const [goal, ranks] of [
    ["minimize", [1, 0, null, null, 0.5]],
    ["maximize", [0, 1, null, null, 0.5]],
  ] as const) {
    it(`ranks finite values from the best to the worst when the goal is to ${goal}`, () => {
      expect(sweepTrials(sweep(goal)).map(({ rank }) => rank)).to.deep.equal(ranks);
    });
  }
});
