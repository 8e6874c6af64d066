import { InputError } from "../base/errors.ts";
import type { DataLoaders } from "../data/dataModule.ts";
import type { Progress } from "./checkpointContent.ts";
import {
  EvaluationLoop,
  prediction,
  testing,
  validation,
  type EvaluationKind,
} from "./evaluationLoop.ts";
import { FitState } from "./fitState.ts";
import { limitLoaders, loaderList } from "./loaders.ts";
import { runTask } from "./runTask.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { Task } from "./trainerState.ts";
import type { BaseModule } from "./trainingModule.ts";

type EvaluationTask = Exclude<Task, "fit">;

const kinds: Readonly<Record<EvaluationTask, EvaluationKind>> = {
  validate: validation,
  test: testing,
  predict: prediction,
};
const limits = {
  validate: "limitValBatches",
  test: "limitTestBatches",
  predict: "limitPredictBatches",
} as const;

/** One call of `Trainer.validate`, `test` or `predict`, from setup to teardown. */
export class Evaluation {
  readonly #state: FitState;
  readonly #loop: EvaluationLoop | undefined;

  /** @throws {TypeError} when the module has no such step */
  constructor(
    task: EvaluationTask,
    module: BaseModule,
    loaders: DataLoaders,
    settings: TrainerSettings,
    progress: Pick<Progress, "step" | "epoch">,
  ) {
    const kind = kinds[task];
    if (module[kind.step] === undefined) {
      throw new TypeError(`Cannot ${task}: the module has no ${kind.step}`);
    }
    const list = loaderList(loaders);
    if (list.length === 0) throw new InputError(`Cannot ${task}: expected a loader, got none`);
    this.#state = new FitState(task, module, settings);
    Object.assign(this.#state.progress, progress);
    const name = limits[task];
    const limited = limitLoaders(name, settings[name], list);
    const nothing = limited.every(({ batches }) => batches === 0);
    this.#loop = nothing ? undefined : new EvaluationLoop(this.#state, kind, limited);
  }

  /** @returns the metrics of each loader; none when the limits leave no batch */
  async run(): Promise<Record<string, number>[]> {
    const state = this.#state;
    const work = async (): Promise<Record<string, number>[]> => {
      await state.listeners.run("setup", state);
      return (await this.#loop?.evaluate()) ?? [];
    };
    return runTask(state, work, { dispose: () => this.#loop?.dispose() });
  }
}
