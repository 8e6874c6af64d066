/** Every command of the program `seedbed`. */
export { run } from "./run.ts";
export { resume } from "./resume.ts";
export { reproduce } from "./reproduce.ts";
export { diff } from "./diff.ts";
export { sample } from "./sample.ts";
export { estimate } from "./estimate.ts";
export { validate } from "./validate.ts";
export { runs } from "./runs.ts";
export { exportCommand } from "./export.ts";
export { evaluate } from "./evaluate.ts";
export { mergeEmbeddings } from "./mergeEmbeddings.ts";
export { sweep } from "./sweep.ts";
export { trial } from "./trial.ts";
export { report } from "./report.ts";
export { ui } from "./ui.ts";
export { serve } from "./serve.ts";
export { wandb } from "./wandb.ts";
