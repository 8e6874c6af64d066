import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const spec = (more = ""): string => `experiment: leastSquares
trainer: {backend: cpu, maxSteps: 2, logEveryNSteps: 1, numSanityValSteps: 0}
optimizer: {name: sgd, learningRate: 0.1}
callbacks: []
loggers: {tensorBoard: false, wandb: false}
${more}`;

describe("seedbed run with several specs", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const runs = (): string[] => ["--runs", folder.path("runs")];
  const files = (...names: string[]): string[] => names.map((name) => folder.path(`${name}.yaml`));

  it("runs one after the other", async () => {
    folder.write({ "first.yaml": spec(), "second.yaml": spec() });
    const args = ["run", ...files("first", "second"), "second:trainer.maxSteps=3", ...runs()];
    const { exitCode, printed } = await run(args);
    expect(exitCode).to.equal(0);
    expect(printed.filter((line) => line.startsWith("steps"))).to.deep.equal([
      "steps: 2",
      "steps: 3",
    ]);
  });

  it("stops at the first that fails, and names what is left", async () => {
    folder.write({
      "first.yaml": spec().replace("leastSquares", "broken"),
      "second.yaml": spec(),
    });
    const { exitCode, warned } = await run(["run", ...files("first", "second"), ...runs()]);
    expect(exitCode).to.equal(1);
    expect(warned.join("\n")).to.include(`Not run: ${folder.path("second.yaml")}`);
    expect(readdirSync(folder.path("runs"))).to.deep.equal(["first"]);
  });

  it("begins with none when something is wrong with any", async () => {
    folder.write({ "first.yaml": spec(), "second.yaml": spec("seeds: 2") });
    const { exitCode, warned } = await run(["run", ...files("first", "second"), ...runs()]);
    expect(exitCode).to.equal(2);
    expect(warned.join("\n")).to.include('unknown key "seeds"');
    expect(readdirSync(folder.path()).toSorted()).to.deep.equal(["first.yaml", "second.yaml"]);
  });

  it("hands on what a run has made, and records where that was", async () => {
    folder.write({
      "maker.yaml": spec().replace("leastSquares", "handsOn"),
      "user.yaml": spec("model: {folder: run:maker/made.txt}").replace("leastSquares", "handsOn"),
    });
    const { exitCode, printed } = await run(["run", ...files("maker", "user"), ...runs()]);
    expect(exitCode).to.equal(0);
    const [id = ""] = readdirSync(folder.path("runs/maker"));
    const place = folder.path("runs/maker", id, "made.txt");
    expect(printed.at(-1)).to.equal(`read: ${place}`);
    const [user = ""] = readdirSync(folder.path("runs/user"));
    const kept = readFileSync(folder.path("runs/user", user, "spec.yaml"), "utf8");
    expect(kept).to.include(place);
  });

  it("says what is to be run first", async () => {
    folder.write({
      "user.yaml": spec("model: {folder: run:maker}").replace("leastSquares", "handsOn"),
    });
    const { exitCode, warned } = await run(["run", ...files("user"), ...runs()]);
    expect(exitCode).to.equal(2);
    expect(warned.join("\n"))
      .to.include("Cannot use run:maker as model.folder, at ")
      .and.include("user.yaml:6")
      .and.include("run its spec first");
    const validated = await run(["validate", ...files("user")]);
    expect(validated.exitCode).to.equal(0);
    expect(validated.warned.join("\n")).to.include("run maker is still to be carried out");
  });
});
