import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { InstalledPeer } from "./peerProcess.ts";

const script = fileURLToPath(new URL("../peer.py", import.meta.url));

/**
 * PyTorch of the Python at `path`, or where `path` is not given, of that of the environment
 * variable SEEDBED_BENCH_PYTHON, or of `python3`.
 *
 * @returns a string that says why when nobody asked for a Python and `python3` has no torch
 * @throws {Error} when the one asked for has no torch
 */
export function findPyTorch(
  path: string | undefined = process.env["SEEDBED_BENCH_PYTHON"],
): InstalledPeer | string {
  const command = path ?? "python3";
  const check = "import torch; print(torch.__version__)";
  const { status, stdout, stderr, error } = spawnSync(command, ["-c", check], { encoding: "utf8" });
  if (status === 0) {
    return { name: "pytorch", title: `PyTorch ${stdout.trim()}`, command, args: [script] };
  }
  if (path === undefined) {
    return "python3 has no torch; give a Python by --python PATH or SEEDBED_BENCH_PYTHON";
  }
  const reason = error?.message ?? stderr.trim().split("\n").at(-1);
  throw new Error(`Cannot compare with PyTorch: ${command} cannot import torch: ${reason}`);
}
