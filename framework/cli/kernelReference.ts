import * as tf from "@tensorflow/tfjs";

import { conformanceExceptions } from "../backend/conformanceExceptions.ts";
import { cpuKernels } from "../backend/cpuKernels.ts";
import { viewNames } from "../backend/register.ts";
import { kernelNames } from "../nn/ops/index.ts";
import * as lowerings from "../onnx/lowerings/index.ts";

export interface KernelRow {
  kernel: string;
  runs: "ONNX Runtime" | "no copy" | "CPU kernel";
  /** Whether a gradient is registered for it. */
  gradient: boolean;
  /** Whether TF.js's own test suite is satisfied with it. */
  passes: boolean;
  /** Why it is not lowered, or where the test suite is not satisfied. */
  notes: string;
}

/** Every kernel of TF.js's CPU backend and of ours, by name. */
export function kernelRows(): KernelRow[] {
  const lowered = new Set(Object.keys(lowerings));
  const views = new Set(viewNames);
  const cpu = tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName);
  const names = new Set([...cpu, ...lowered, ...kernelNames]);
  return [...names]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((kernel) => {
      const gradient: unknown = tf.getGradient(kernel);
      const runs = lowered.has(kernel)
        ? "ONNX Runtime"
        : views.has(kernel)
          ? "no copy"
          : "CPU kernel";
      const failures = conformanceExceptions
        .filter((exception) => exception.kernel === kernel)
        .map(({ spec, reason }) => `fails "${spec}": ${reason}`);
      const notes = [cpuKernels[kernel] ?? [], failures].flat().join("; ");
      const passes = failures.length === 0;
      return { kernel, runs, gradient: gradient !== undefined, passes, notes };
    });
}

/** The page docs/kernels.md. */
export function kernelReference(rows: readonly KernelRow[]): string {
  const count = (runs: KernelRow["runs"]): number => rows.filter((row) => row.runs === runs).length;
  const failing = rows.filter(({ passes }) => !passes).length;
  const conformance =
    failing === 0
      ? "passes it whole"
      : `passes it but for what the notes of ${failing} kernels say`;
  return `# Kernels

<!-- Generated from the lowerings by \`npm run docs:kernels\`; do not edit. -->

What happens to each TF.js kernel on the backend \`ort\`: ${count("ONNX Runtime")} are lowered to ONNX Runtime, ${count("no copy")} look at the same data in another shape, and ${count("CPU kernel")} run on TF.js's CPU kernels, for the reason that their notes give. So does a lowered kernel for types and options that its lowering does not express (strings, complex numbers, tensors without elements); the backend's report counts these calls. Inside a compiled function a kernel that is not lowered is an error, unless its inputs are constants.

\`npm run conformance\` runs TF.js's own test suite; the backend ${conformance}.

${table(
  ["kernel", "runs on", "gradient", "notes"],
  rows.map(({ kernel, runs, gradient, notes }) => [
    `\`${kernel}\``,
    runs,
    gradient ? "yes" : "",
    notes,
  ]),
)}
`;
}

/** A Markdown table with aligned columns. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows].map(line).join("\n");
}
