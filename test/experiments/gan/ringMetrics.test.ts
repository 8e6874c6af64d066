import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { RandomStream } from "seedbed";

import { centresOf, drawPoint, type Ring } from "../../../experiments/gan/ring.ts";
import { ringMetrics } from "../../../experiments/gan/ringMetrics.ts";

/** Centres (1, 0), (0, 1), (-1, 0), (0, -1). */
const ring: Ring = { modes: 4, radius: 1, deviation: 0.1 };

function measure(points: readonly (readonly [number, number])[]): Record<string, number> {
  return tf.tidy(() => {
    const metrics = ringMetrics(tf.tensor2d(points.map(([x, y]) => [x, y])), ring);
    return Object.fromEntries(
      Object.entries(metrics).map(([name, value]) => [name, value.dataSync()[0]!]),
    );
  });
}

describe("ringMetrics()", () => {
  it("finds all modes of the ring itself", () => {
    const random = new RandomStream(1, "points");
    const { modes, nearCentres, imbalance } = measure(
      Array.from({ length: 4000 }, () => drawPoint(ring, random)),
    );
    expect(modes).to.equal(4);
    // within three deviations of a normal distribution in the plane: 1 - exp(-9 / 2) = 0.9889
    expect(nearCentres).to.be.closeTo(0.9889, 0.007);
    expect(imbalance).to.be.closeTo(0, 0.005);
  });

  it("sees a collapse", () => {
    const { modes, nearCentres, imbalance } = measure(centresOf(ring).map(() => [1, 0]));
    expect(modes).to.equal(1);
    expect(nearCentres).to.equal(1);
    expect(imbalance).to.be.closeTo(Math.log(4), 1e-5);
  });

  it("counts what lies beside", () => {
    // 0.29 is within three deviations, 0.31 is not; a quarter of a fair share is one of 16
    const inside = Array.from({ length: 15 }, () => [1.29, 0] as const);
    const { modes, nearCentres } = measure([...inside, [0, 1.31]]);
    expect(modes).to.equal(1);
    expect(nearCentres).to.be.closeTo(15 / 16, 1e-6);
    expect(measure([...inside, [0, 1.29]])["modes"]).to.equal(2);
  });
});
