import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

/** Folder with the experiments and callbacks of these tests. */
export const mpiFolder: string = path.resolve(import.meta.dirname, "../fixtures/mpi");

export interface Ended {
  code: number | null;
  /** Output and errors. */
  text: string;
  seconds: number;
}

/** Open MPI asks for this where root starts it, and does not believe that two cores are enough. */
export const mpirunPermission = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
};

/** Runs the command in a process of its own. */
export function runSeedbed(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return start([process.execPath, program, ...args], options);
}

/** Runs the command as several workers; several lists of arguments are for one worker each. */
export function runWorkers(
  argLists: readonly (readonly string[])[],
  options: StartOptions = {},
): Promise<Ended> {
  const words = argLists.flatMap((args, i) => [
    ...(i > 0 ? [":"] : []),
    "-n",
    argLists.length === 1 ? "2" : "1",
    process.execPath,
    program,
    ...args,
  ]);
  return start([...(options.through ?? []), "mpirun", ...words], options);
}

interface StartOptions {
  /** What starts mpirun, if not this process. */
  through?: readonly string[];
  /** Where it runs; default: the folder of the MPI tests. */
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  onText?: (child: ChildProcess, text: string) => void;
}

function start(
  [command = "", ...args]: readonly string[],
  { cwd = mpiFolder, environment = {}, onText = () => {} }: StartOptions,
): Promise<Ended> {
  const startMs = performance.now();
  const env = { ...process.env, ...mpirunPermission, ...environment };
  const child = spawn(command, args, { cwd, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      onText(child, text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, text, seconds: (performance.now() - startMs) / 1000 });
    });
  });
}
