import { runEagerly } from "../base/compile.ts";
import { InputError } from "../base/errors.ts";
import { zerosInFile } from "../base/keptInFile.ts";
import { ScratchFiles } from "../base/scratchFiles.ts";
import { sizeOf } from "../base/shape.ts";
import type { MakeState, Optimizer } from "../optim/optimizer.ts";
import type { TrainerSettings } from "./trainerOptions.ts";

const bytesPerElement = 4;

/** What of an optimizer decides where its state lies. */
interface Owner {
  readonly name: string;
  readonly optimizer: Optimizer;
}

/**
 * Looks whether settings go with `optimizer.offload`.
 *
 * @throws {InputError} naming the one that does not
 */
export function checkOffload({
  backend,
  detectAnomaly,
  checkpoints,
}: {
  readonly backend?: string;
  readonly detectAnomaly: boolean;
  readonly checkpoints: { readonly async: boolean | "auto" };
}): void {
  const refuse = (key: string, why: string): never => {
    throw new InputError(
      `Cannot use optimizer.offload with ${key}: ${why}; leave out one of the two`,
    );
  };
  if (backend !== undefined && backend !== "ort") {
    refuse(
      `trainer.backend ${backend}`,
      "only ort updates in windows, as it has variables in memory and compiles updates",
    );
  }
  if (detectAnomaly) {
    refuse("trainer.detectAnomaly", "windows are updated by compiled steps, and it compiles none");
  }
  if (checkpoints.async === true) {
    refuse("trainer.checkpoints.async", "a thread writes from copies in memory");
  }
}

/**
 * Files for an optimizer's state; undefined where it is to be in memory.
 *
 * @throws {InputError} when other settings do not go with that
 */
export function openOffload(
  { name, optimizer: { offload } }: Owner,
  settings: TrainerSettings,
): ScratchFiles | undefined {
  if (!offload) return undefined;
  checkOffload(settings);
  const { checkpointsFolder, world, compile } = settings;
  if (compile === runEagerly) {
    throw new TypeError(
      "Cannot fit: optimizer.offload updates in compiled steps, expected the compile of backend ort, got none",
    );
  }
  const folder = offload.folder ?? checkpointsFolder;
  if (folder === undefined) {
    throw new TypeError(
      "Cannot fit: optimizer.offload keeps moments beside checkpoints, expected a checkpointsFolder, got none; name a folder in optimizer.offload.folder",
    );
  }
  const cure =
    "name a folder on a disk with room in optimizer.offload.folder, or leave out optimizer.offload";
  return new ScratchFiles(folder, world.size > 1 ? `${name}.rank${world.rank}` : name, cure);
}

/** Makes an optimizer's state in files, one for each kind of moment. */
export function stateIn(files: ScratchFiles): MakeState {
  return (name, { shape }) => {
    const [role = ""] = name.split("/", 1);
    return zerosInFile(files.place(role, sizeOf(shape) * bytesPerElement), shape);
  };
}
