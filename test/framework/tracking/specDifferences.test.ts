import { expect } from "chai";
import { describe, it } from "mocha";

import { nameByDifferences, specDifferences } from "../../../framework/tracking/specDifferences.ts";

describe("specDifferences()", () => {
  it("finds keys as overrides write them, and leaves out who a run is", () => {
    const specs = [
      {
        name: "a",
        seed: 1,
        loss: { priorWeight: 1 },
        callbacks: [{ timer: { hours: 1 } }, { x: {} }],
      },
      { name: "b", seed: 2, loss: { priorWeight: 0 }, callbacks: [{ timer: { hours: 2 } }] },
    ];
    expect(specDifferences(specs)).to.deep.equal([
      { key: "loss.priorWeight", values: ["1", "0"] },
      { key: "callbacks.timer.hours", values: ["1", "2"] },
      { key: "callbacks.x", values: ["{}", undefined] },
    ]);
  });
});

describe("nameByDifferences()", () => {
  const trains = (unet: boolean, text: boolean): object => ({
    unet: { on: unet },
    text: { on: text },
  });
  for (const { what, specs, names } of [
    {
      what: "keys, as short as they can be",
      specs: [
        { model: trains(true, true), loss: { weight: 1 } },
        { model: trains(true, false), loss: { weight: 1 } },
        { model: trains(true, false), loss: { weight: 0 } },
      ],
      names: ["on=true, weight=1", "on=false, weight=1", "on=false, weight=0"],
    },
    {
      what: "longer keys where short ones are the same",
      specs: [
        { model: trains(true, true) },
        { model: trains(true, false) },
        { model: trains(false, true) },
      ],
      names: [
        "unet.on=true, text.on=true",
        "unet.on=true, text.on=false",
        "unet.on=false, text.on=true",
      ],
    },
    {
      what: "what is nothing here and has keys of its own there",
      specs: [{ model: { lora: null } }, { model: { lora: { rank: 16 } } }],
      names: ["lora=null", "lora=set"],
    },
    {
      what: "the first of keys that change together",
      specs: [
        { folder: "cats", prompt: "a cat" },
        { folder: "dogs", prompt: "a dog" },
      ],
      names: ["folder=cats", "folder=dogs"],
    },
    {
      what: "seeds as no difference",
      specs: [{ seed: 1 }, { seed: 2 }],
      names: ["penguin", "penguin"],
    },
    {
      what: "keys that one spec lacks, and long values in short",
      specs: [{ text: "x".repeat(50) }, {}],
      names: [`text=${"x".repeat(40)}…`, "text=unset"],
    },
  ]) {
    it(`gives ${what}`, () => {
      expect(nameByDifferences(specs, "penguin")).to.deep.equal(names);
    });
  }
});
