import { expect } from "chai";
import { describe, it } from "mocha";

import { coordinates } from "../../../../framework/sweep/gaussianProcess/coordinates.ts";
import {
  climb,
  placeOfValue,
  type Ground,
} from "../../../../framework/sweep/gaussianProcess/localSearch.ts";
import { plainPoint, pointKey } from "../../../../framework/sweep/point.ts";
import { dimensions, unitPoint } from "../../../../framework/sweep/unitPoint.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";

const text = `method: bayes
metric: { name: x }
program: base.yaml
parameters:
  kind: { values: [a, b, c], probabilities: [0.5, 0.2, 0.3] }
  rate: { distribution: log_uniform_values, min: 0.0001, max: 1 }
  depth: { min: 1, max: 40 }
  width: { distribution: q_uniform, min: 0, max: 64, q: 8 }
  share: { min: 0.0, max: 1.0, when: kind == "c" }
`;

describe("climb()", () => {
  const load = sweepSpecs();

  /** Best at kind c, rate 0.01, depth 23, width 24, share 0.7; a closed point promises nothing. */
  function hill(closed = ""): Ground {
    const space = load(text);
    const axes = coordinates(space);
    const [rate, share] = [axes.offsetOf("rate"), axes.offsetOf("share")];
    return {
      parameters: dimensions(space),
      axes,
      at(places) {
        const point = unitPoint(space, ({ name }) => places.get(name) ?? 0.5);
        const { kind, depth, width } = plainPoint(point);
        const steps = Math.abs(Number(depth) - 23) + Math.abs(Number(width) - 24) / 8;
        const { value } = this.slope(axes.of(point));
        const score = value - steps - (kind === "c" ? 0 : 3);
        return { places, point, score: pointKey(point) === closed ? -Infinity : score };
      },
      slope(place) {
        const off = [place[rate]! - 0.5, place[share]! - 0.7] as const;
        const gradient = new Float64Array(axes.length);
        gradient[rate] = -8 * off[0];
        gradient[share] = -8 * off[1];
        return { value: -4 * off[0] ** 2 - 4 * off[1] ** 2, gradient };
      },
    };
  }

  const start = new Map(["kind", "rate", "depth", "width", "share"].map((name) => [name, 0.05]));

  it("finds the best numbers, whole numbers and choices, and what only a choice has", () => {
    const ground = hill();
    const { kind, rate, depth, width, share } = plainPoint(climb(ground.at(start), ground).point);
    expect([kind, depth, width]).to.deep.equal(["c", 23, 24]);
    expect(rate).to.be.closeTo(0.01, 1e-4);
    expect(share).to.be.closeTo(0.7, 1e-3);
  });

  it("does not end at a point that may not be chosen", () => {
    const best = climb(hill().at(start), hill()).point;
    const ground = hill(pointKey(best));
    const other = climb(ground.at(start), ground);
    expect(other.score).to.be.above(-Infinity);
    expect(pointKey(other.point)).to.not.equal(pointKey(best));
  });

  it("knows from which place each value was drawn", () => {
    const space = load(text);
    const places = new Map(dimensions(space).map(({ name }, i) => [name, 0.15 + 0.2 * i]));
    const point = unitPoint(space, ({ name }) => places.get(name)!);
    const again = unitPoint(space, (parameter) => placeOfValue(parameter, point));
    const round = ([name, value]: [string, unknown]): unknown =>
      typeof value === "number" ? [name, value.toPrecision(9)] : [name, value];
    expect(Object.entries(plainPoint(again)).map(round)).to.deep.equal(
      Object.entries(plainPoint(point)).map(round),
    );
  });
});
