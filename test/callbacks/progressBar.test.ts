import { expect } from "chai";
import { Trainer } from "seedbed";

import { progressBar } from "../../callbacks/progressBar.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

/** Fits with a clock that goes on by `stepMs` whenever it is read. */
async function written(isTTY: boolean, stepMs: number): Promise<string[]> {
  const texts: string[] = [];
  const output = { isTTY, columns: 200, write: (text: string) => texts.push(text) };
  let now = 0;
  const module = toyModule();
  const callbacks = [progressBar({}, output, () => (now += stepMs))];
  const trainer = new Trainer({ maxSteps: 6, callbacks, numSanityValSteps: 0, print: () => {} });
  await trainer.fit(module, { trainLoader: toyLoader(3), valLoader: toyLoader(1) });
  module.dispose();
  return texts;
}

describe("progressBar()", () => {
  it("rewrites one line on a terminal, and keeps those of validations", async () => {
    const texts = await written(true, 1000);
    expect(texts[0]).to.match(
      /^\rstep 1\/6 {2}epoch 0 {2}loss [\d.]+ {2}[\d.]+ steps\/s {2}ETA \d+s.\[K$/,
    );
    const lines = texts.join("").split("\n");
    expect(lines[0]).to.match(/\rstep 3 {2}val\/loss [\d.]+.\[K$/);
    expect(lines.at(-1)).to.equal("");
  });

  it("writes whole lines elsewhere, some time apart", async () => {
    const texts = await written(false, 1);
    expect(texts.map((text) => text.replace(/ {2}.*\n/, "\n"))).to.deep.equal([
      "step 1/6\n",
      "step 3\n",
      "step 6\n",
      "step 6/6\n",
    ]);
  });
});
