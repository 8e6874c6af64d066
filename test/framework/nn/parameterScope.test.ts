import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { fanInUniform, normal, ones } from "../../../framework/nn/initializers.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";

function disposeAll(...scopes: ParameterScope[]): void {
  for (const { parameters } of scopes) tf.dispose([...parameters.values()]);
}

describe("ParameterScope", () => {
  it("joins names with dots and keeps the order of creation", () => {
    const scope = new ParameterScope({ seed: 1 });
    scope.at("b").at("c.0").parameter("weight", [2], ones);
    scope.parameter("a", [1], ones);
    expect([...scope.parameters.keys()]).to.deep.equal(["b.c.0.weight", "a"]);
    disposeAll(scope);
  });

  it("draws by full name, whatever is created before", () => {
    const [one, other] = [new ParameterScope({ seed: 1 }), new ParameterScope({ seed: 1 })];
    const first = one.at("x").parameter("weight", [3], normal(1));
    other.parameter("before", [5], normal(1));
    const second = other.parameter("x.weight", [3], normal(1));
    const third = other.parameter("y.weight", [3], normal(1));
    expect(first.dataSync()).to.deep.equal(second.dataSync());
    expect(first.dataSync()).not.to.deep.equal(third.dataSync());
    disposeAll(one, other);
  });

  it("leaves parameters at zero without a seed", () => {
    const scope = new ParameterScope({ seed: null });
    expect([...scope.parameter("scale", [2], ones).dataSync()]).to.deep.equal([0, 0]);
    disposeAll(scope);
  });

  it("refuses a name twice", () => {
    const scope = new ParameterScope({ seed: 1 });
    scope.parameter("a", [1], ones);
    expect(() => scope.parameter("a", [1], ones)).to.throw(RangeError, '"a": the name is taken');
    disposeAll(scope);
  });
});

describe("initializers", () => {
  it("fanInUniform() fills the interval of 1 / sqrt(fanIn)", () => {
    const scope = new ParameterScope({ seed: 1 });
    const values = scope.parameter("w", [1000], fanInUniform(16)).dataSync();
    expect(Math.min(...values)).to.be.within(-0.25, -0.24);
    expect(Math.max(...values)).to.be.within(0.24, 0.25);
    disposeAll(scope);
  });

  it("normal() has the deviation asked for", () => {
    const scope = new ParameterScope({ seed: 1 });
    const values = scope.parameter("w", [4000], normal(0.5)).dataSync();
    const squares = [...values].reduce((sum, value) => sum + value * value, 0);
    expect(Math.sqrt(squares / 4000)).to.be.closeTo(0.5, 0.02);
    disposeAll(scope);
  });
});
