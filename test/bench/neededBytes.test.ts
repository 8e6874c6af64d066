import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { ortBackend, useBackend } from "../../framework/backend/register.ts";
import { neededBytes } from "./neededBytes.ts";
import type { PreparedWorkload, PrepareOptions, Workload } from "./workload.ts";

const side = 300;
const bytes = 4 * side ** 2;

/** Multiplies a matrix by itself; assigns to it, too, or not. */
function squares({ compile, blank }: PrepareOptions, assigns: boolean): PreparedWorkload {
  expect(blank).to.equal(true);
  const variable = tf.tidy(() => tf.variable(tf.ones([side, side])));
  const square = compile(() => {
    const product = tf.matMul(variable, variable);
    if (assigns) variable.assign(tf.matMul(product, product));
    return { sum: product.sum() };
  });
  return {
    async run() {
      try {
        return (await (await square({})).sum.data())[0];
      } finally {
        variable.dispose();
      }
    },
    repeats: 1,
    dispose: () => square.dispose(),
  };
}

function workload(assigns: boolean): Workload {
  const prepare = (options: PrepareOptions): PreparedWorkload => squares(options, assigns);
  return { name: "squares", title: "squares", group: "operation", pairs: 1, prepare };
}
/** What a session keeps of a node. */
const ofNode = 2500;

describe("neededBytes()", () => {
  before(async () => {
    await useBackend("ort");
  });

  it("has variables and what is alive at once beside them", async () => {
    const others = tf.memory().numBytes;
    const needed = await neededBytes(workload(false), ortBackend("ort"));
    expect(needed - others).to.equal(2 * bytes + 4 + 2 * ofNode); // the variable, the product, the sum
  });

  it("has the second array of a variable that cannot be overwritten", async () => {
    const others = tf.memory().numBytes;
    const needed = await neededBytes(workload(true), ortBackend("ort"));
    expect(needed - others).to.equal(3 * bytes + 4 + 3 * ofNode); // the variable twice, the product, the sum
  });

  it("leaves the backend as it was", async () => {
    await neededBytes(workload(false), ortBackend("ort"));
    const sum = tf.tidy(() =>
      tf
        .fill([side, side], 2)
        .add(tf.ones([side, side]))
        .mean(),
    );
    expect((await sum.data())[0]).to.equal(3);
    sum.dispose();
  });
});
