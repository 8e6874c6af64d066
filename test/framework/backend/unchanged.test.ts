import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { hasChangedNothing } from "../../../framework/base/unchanged.ts";
import { onOrt } from "../../support/parity.ts";

describe("an error of a compiled function", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  const table: [title: string, assign: (w: tf.Variable, picked: tf.Tensor) => void, boolean][] = [
    [
      "says that nothing was changed, where what failed comes before all that is overwritten",
      (w, picked) => w.assign(w.sub(picked)),
      true,
    ],
    [
      "does not say so where one program does both",
      (w, picked) => w.assign(w.add(1).mul(picked)),
      false,
    ],
  ];
  for (const [title, assign, expected] of table) {
    it(title, async () => {
      const w = tf.tidy(() => tf.variable(tf.tensor([1, 2])));
      const x = tf.tensor([10, 20, 30]);
      const step = compile(({ at }) => {
        const picked = tf.gather(x, at!.toInt());
        assign(w, picked);
        return {};
      });
      const good = tf.tensor([0, 2], [2], "int32");
      await step({ at: good });
      const before = [...w.dataSync()];
      const bad = tf.tensor([0, 9], [2], "int32");
      const error: unknown = await step({ at: bad }).catch((failure: unknown) => failure);
      expect(String(error)).to.include("indices element out of data bounds");
      expect(hasChangedNothing(error)).to.equal(expected);
      expect(hasChangedNothing(new Error("more", { cause: error }))).to.equal(expected);
      if (expected) expect([...w.dataSync()]).to.deep.equal(before);
      step.dispose();
      tf.dispose([w, x, good, bad]);
    });
  }
});
