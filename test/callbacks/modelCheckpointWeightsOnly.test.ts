import { existsSync } from "node:fs";

import { expect } from "chai";
import { findLastCheckpoint, InputError, restoreParameters } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import { checkpointFits } from "../support/checkpointFits.ts";
import { parameterBytes, toyModule } from "../support/toyTraining.ts";

describe("modelCheckpoint() with saveWeightsOnly", () => {
  const { folder, root, fit, names, last } = checkpointFits();
  const weights = { saveWeightsOnly: true };

  it("saves weights that training cannot be resumed from", async () => {
    const bytes = await fit([1], weights);
    const checkpoint = folder.path("checkpoints", "step-0000001-weights");
    expect(
      existsSync(folder.path("checkpoints", "step-0000001-weights", "optimizer.safetensors")),
    ).to.equal(false);
    const module = toyModule();
    restoreParameters(module, checkpoint);
    expect(await parameterBytes(module)).to.equal(bytes);
    module.dispose();
    expect(() => restoreParameters(module, checkpoint, "weightAveraging")).to.throw(
      InputError,
      "no weights averaged by",
    );
    expect([findLastCheckpoint(root()), last()]).to.deep.equal([undefined, undefined]);
    expect(await fit([1, 2], weights, { resumeFrom: checkpoint }).catch(String)).to.include(
      `Cannot resume from ${checkpoint}: expected a whole checkpoint, got one of weights only`,
    );
  });

  it("keeps them beside whole checkpoints", async () => {
    await fit([1, 2], weights, { callbacks: [modelCheckpoint()] });
    expect(names()).to.deep.equal(["step-0000002", "step-0000002-weights"]);
    expect(findLastCheckpoint(root())).to.equal(folder.path("checkpoints", "step-0000002"));
  });

  it("takes averaged weights", async () => {
    const averaging = weightAveraging({ decay: 0.5 });
    const average = await fit([1, 2], weights, { callbacks: [averaging] }); // left in the model
    const module = toyModule();
    restoreParameters(module, folder.path("checkpoints", "step-0000002-weights"));
    expect(await parameterBytes(module)).to.equal(average);
    module.dispose();
  });
});
