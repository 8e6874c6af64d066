/** @file Measures training with moments in memory, or in files, in this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { useBackend } from "../../../framework/backend/register.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";
import {
  offloadingLoader,
  offloadingModule,
  offloadingSizes,
  placements,
} from "./offloadingWork.ts";

/** The first records the step, the second is the first that has moments to read. */
const warmUps = 2;
const measured = 5;

const [, , givenSize, givenPlacement, threads = "1"] = process.argv;
const size = offloadingSizes.find((name) => name === givenSize);
const placement = placements.find((name) => name === givenPlacement);
if (!size || !placement) {
  throw new TypeError(
    `Cannot measure: expected ${offloadingSizes.join(" or ")}, then ${placements.join(" or ")}`,
  );
}
const { compile } = await useBackend("ort", { threads: Number(threads) });
const checkpointsFolder = mkdtempSync(path.join(tmpdir(), "seedbed-offloading-"));
const losses: number[] = [];
const times: number[] = [];
let begun = 0;
const trainer = new Trainer({
  compile,
  maxSteps: warmUps + measured,
  gradientClipVal: 1,
  checkpointsFolder,
  print: () => {},
  callbacks: [
    {
      name: "watch",
      onTrainBatchStart: () => void (begun = performance.now()),
      onTrainBatchEnd({ loss }) {
        losses.push(loss);
        times.push(performance.now() - begun);
      },
    },
  ],
});
const module = offloadingModule(size, placement);
try {
  await trainer.fit(module, { trainLoader: offloadingLoader() });
} finally {
  rmSync(checkpointsFolder, { recursive: true });
}
const sizes = [...module.trainableParameters().values()].map((variable) => variable.size);
process.send?.({
  placement,
  trainable: sizes.reduce((sum, each) => sum + each, 0),
  losses,
  stepSeconds: median(times.slice(warmUps)) / 1000,
  peakMb: peakMb(),
});
process.disconnect?.();
