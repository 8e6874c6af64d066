import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { exchangeVariables } from "seedbed";

describe("exchangeVariables()", () => {
  it("swaps the values of those in the first map, by name", () => {
    const made = (value: number): tf.Variable => tf.tidy(() => tf.variable(tf.scalar(value)));
    const averages = new Map([["b", made(20)]]);
    const parameters = new Map([
      ["a", made(1)],
      ["b", made(2)],
    ]);
    const values = () =>
      [...averages.values(), ...parameters.values()].map((each) => each.dataSync()[0]);
    exchangeVariables(averages, parameters);
    expect(values()).to.deep.equal([2, 1, 20]);
    exchangeVariables(averages, parameters);
    expect(values()).to.deep.equal([20, 1, 2]);
    tf.dispose([...averages.values(), ...parameters.values()]);
  });
});
