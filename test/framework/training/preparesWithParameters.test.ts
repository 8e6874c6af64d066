import { expect } from "chai";
import { describe, it } from "mocha";

import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { fitToy } from "../../support/fitToy.ts";

interface Seen {
  readonly event: "prepared" | "stepped";
  /** First value of the first parameter. */
  readonly value: number;
}

async function fitting(preparesWithParameters: boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  const first = (toy: TrainingModule): number =>
    [...toy.trainableParameters().values()][0]!.dataSync()[0]!;
  await fitToy({
    batches: 2,
    maxSteps: 4,
    overrides: (toy) => ({
      preparesWithParameters,
      prepareBatch(batch, random, stage) {
        seen.push({ event: "prepared", value: first(toy) });
        return toy.prepareBatch!(batch, random, stage);
      },
      onTrainBatchEnd: () => void seen.push({ event: "stepped", value: first(toy) }),
    }),
  });
  return seen;
}

describe("a module that prepares batches with its parameters", () => {
  it("sees them as the step before has left them, also across epochs", async () => {
    const seen = await fitting(true);
    const events = seen.map(({ event }) => event);
    expect(events).to.deep.equal([1, 2, 3, 4].flatMap(() => ["prepared", "stepped"]));
    const values = seen.slice(1).map(({ value }) => value);
    for (const step of [0, 2, 4]) expect(values[step + 1]).to.equal(values[step]);
    expect(new Set(values).size).to.equal(4);
  });

  it("gets batches ahead if it does not say so", async () => {
    const events = (await fitting(false)).map(({ event }) => event);
    expect(events.slice(0, 3)).to.deep.equal(["prepared", "prepared", "stepped"]);
  });
});
