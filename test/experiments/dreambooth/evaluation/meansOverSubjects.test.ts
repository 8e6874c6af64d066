import { expect } from "chai";
import { describe, it } from "mocha";

import { metricColumns } from "../../../../experiments/dreambooth/evaluation/evaluationTables.ts";
import {
  meansOverSubjects,
  type AveragedSubject,
} from "../../../../experiments/dreambooth/evaluation/meansOverSubjects.ts";

const metrics = (fidelity: number) => ({
  ...{ fidelity, classSimilarity: 0, diversity: 1, diversityRatio: 1 },
});

/** A subject with a run for each weight of the prior. */
const subject = (name: string, fidelities: Record<number, number>): AveragedSubject => ({
  base: { metrics: metrics(0) },
  runs: Object.entries(fidelities).map(([priorWeight, fidelity]) => ({
    run: {
      name: `${name}, ${priorWeight}`,
      spec: { seed: 1, loss: { priorWeight }, data: { instance: { folder: name } } },
      stored: { metrics: [], manifest: { resumes: [] } },
    },
    weights: {},
    metrics: metrics(fidelity),
  })),
});

describe("meansOverSubjects()", () => {
  it("averages runs that differ in the subject alone", () => {
    const blocks = meansOverSubjects(
      [subject("cat", { 0: 0.5, 1: 0.4 }), subject("dog", { 0: 0.7, 1: 0.4 })],
      metricColumns,
    );
    const table = blocks.find((block) => block.kind === "table")!;
    const column = table.columns.findIndex(({ label }) => label === "fidelity");
    const rows = table.rows.map(({ label, cells }) => [label, cells[0], cells[column]]);
    const deviation = Math.sqrt(0.02);
    expect(rows.map(([label, count]) => [label, count])).to.deep.equal([
      ["base models", { mean: 2 }],
      ["priorWeight=0", { mean: 2 }],
      ["priorWeight=1", { mean: 2 }],
    ]);
    expect(rows[1]![2]).to.deep.include({ mean: 0.6, count: 2 });
    expect(rows[1]![2]).to.have.property("deviation").that.is.closeTo(deviation, 1e-12);
    expect(rows[2]![2]).to.deep.equal({ mean: 0.4, deviation: 0, count: 2 });
  });

  it("says nothing of one subject", () => {
    expect(meansOverSubjects([subject("cat", { 0: 0.5, 1: 0.4 })], metricColumns)).to.deep.equal(
      [],
    );
  });
});
