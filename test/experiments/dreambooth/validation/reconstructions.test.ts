import { expect } from "chai";
import { describe, it } from "mocha";
import { loadAutoencoder, rgbImage, runEagerly } from "seedbed";

import { reconstructionGrid } from "../../../../experiments/dreambooth/validation/reconstructions.ts";

describe("reconstructionGrid()", () => {
  it("shows up to eight pictures of one size, spread over all, above what became of them", async () => {
    const { model } = loadAutoencoder("models/emoji-64");
    const taken: number[] = [];
    const copies = Array.from({ length: 20 }, (_, i) => ({
      prompts: [`copy ${i}`],
      size: i === 3 ? { width: 16, height: 8 } : { width: 8, height: 8 },
      picture() {
        taken.push(i);
        return rgbImage(8, 8, new Uint8Array(8 * 8 * 3).fill(12 * i));
      },
    }));
    const grid = await reconstructionGrid(model, copies, runEagerly);
    model.dispose();
    expect(taken).to.deep.equal([0, 2, 5, 8, 10, 12, 15, 17]);
    expect(grid.caption).to.equal(taken.map((i) => `copy ${i}`).join("; "));
    const [column, gap] = [8 * 2, 4];
    const right = (from: number): number => grid.width - (8 - from) * (column + gap);
    const at = (x: number, y: number): number => grid.data[(y * grid.width + x) * 3]!;
    const bottom = grid.height - gap - column;
    const inputs = taken.map((_, i) => at(right(i) + 8, bottom - column - gap + 8));
    const made = taken.map((_, i) => at(right(i) + 8, bottom + 8));
    expect(inputs).to.deep.equal(taken.map((i) => 12 * i));
    expect(made.at(-1)! - made[0]!, "from black to light grey").to.be.greaterThan(100);
  });
});
