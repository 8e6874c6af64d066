import { expect } from "chai";

import { topCheckpoints, type Ranking } from "../../../framework/training/topCheckpoints.ts";

describe("topCheckpoints()", () => {
  const table: [title: string, scores: (number | null)[], ranking: Ranking, steps: number[]][] = [
    ["puts the best first", [10, 9, 2.8, 5, 2.5], { by: "min", count: 3 }, [5, 3, 4]],
    ["takes larger ones for better in mode max", [1, 3, 2], { by: "max", count: 2 }, [2, 3]],
    ["prefers the older of equal ones", [1, 1, 1], { by: "min", count: 2 }, [1, 2]],
    ["ranks NaN last", [NaN, 3, NaN, 4], { by: "max", count: 3 }, [4, 2, 1]],
    ["leaves out what was not measured", [null, 3], { by: "min", count: 2 }, [2]],
    ["unless all are kept", [null, 3], { by: "min", count: -1 }, [2, 1]],
    ["goes by age without a metric", [null, null, null], { by: "newest", count: 2 }, [3, 2]],
    ["may keep none", [1, 2], { by: "min", count: 0 }, []],
  ];
  for (const [title, scores, ranking, steps] of table) {
    it(title, () => {
      const candidates = scores.map((score, i) => ({ name: `c${i}`, step: i + 1, score }));
      expect(topCheckpoints(candidates, ranking).map(({ step }) => step)).to.deep.equal(steps);
    });
  }
});
