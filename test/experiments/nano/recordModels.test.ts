import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError } from "seedbed";

import { recordModels } from "../../../experiments/nano/recordModels.ts";
import { settingsOf } from "../../../experiments/nano/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyRuns } from "../../support/toyRuns.ts";

describe("recordModels()", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);

  for (const name of ["start", "teacher"]) {
    it(`does not go on from a checkpoint with other weights of the ${name}`, async () => {
      for (const model of ["start", "teacher"]) {
        folder.write({ [`${model}/config.json`]: "{}", [`${model}/model.safetensors`]: model });
      }
      const { spec } = await loadExperimentSpec("configs/nano/2-distilled.yaml", [
        `model.folder=${folder.path("start")}`,
        `distillation.teacher=${folder.path("teacher")}`,
      ]);
      const run = create();
      const record = (): void => recordModels(run, settingsOf(spec));

      record();
      mkdirSync(run.checkpointsFolder);
      record(); // nothing has changed
      folder.write({ [`${name}/model.safetensors`]: "others" });
      expect(record).to.throw(InputError, `the data "${name} model" that it was begun with`);
      await run.finish("finished");
    });
  }
});
