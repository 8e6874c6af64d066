import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What nvidia-smi is asked for, and the name of each in our metrics. */
const queries = [
  ["utilization.gpu", "utilization"],
  ["memory.used", "memory.usedMB"],
  ["memory.total", "memory.totalMB"],
  ["temperature.gpu", "temperatureCelsius"],
  ["power.draw", "powerWatts"],
] as const;

/** nvidia-smi counts in units of 2^20 bytes. */
const megabytesPerMebibyte = 2 ** 20 / 1e6;

/**
 * What Nvidia's GPUs are doing, as `gpu.<index>.utilization` (percent), `.memory.usedMB`,
 * `.memory.totalMB`, `.temperatureCelsius` and `.powerWatts`; what a GPU does not tell is left out.
 *
 * @returns undefined when there is no working nvidia-smi
 */
export async function gpuMetrics(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Record<string, number> | undefined> {
  const fields = ["index", ...queries.map(([query]) => query)].join(",");
  const args = [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"];
  try {
    const { stdout } = await execute("nvidia-smi", args, { env: environment, timeout: 5000 });
    return Object.fromEntries(stdout.trim().split("\n").flatMap(readLine));
  } catch {
    return undefined;
  }
}

function readLine(line: string): [string, number][] {
  const [index = "", ...values] = line.split(",").map((value) => value.trim());
  if (!/^\d+$/.test(index)) return [];
  return queries.flatMap(([, name], i): [string, number][] => {
    const value = Number.parseFloat(values[i] ?? "");
    if (Number.isNaN(value)) return [];
    return [[`gpu.${index}.${name}`, name.endsWith("MB") ? value * megabytesPerMebibyte : value]];
  });
}
