import { parseLora } from "../../adapters/parseLora.ts";
import { useBackend } from "../../backend/register.ts";
import { InputError } from "../../base/errors.ts";
import { exportAdapters } from "../../export/exportAdapters.ts";
import { exportFolder, exportSingleFile, type ExportDtype } from "../../export/exportPipeline.ts";
import { checkExportPlace } from "../../export/exportPlace.ts";
import { findExportSource, type ExportSource } from "../../export/exportSource.ts";
import { loadForExport, type LoadForExportOptions } from "../../export/loadForExport.ts";
import { restoreAdapters, type WhichWeights } from "../../export/restorePipeline.ts";
import { schedulerChange } from "../../export/schedulerChange.ts";
import { disposePipeline, type PipelineComponents } from "../../pipelines/pipelineComponents.ts";
import type { Terminal } from "../terminal.ts";
import { exportOnnx } from "./exportOnnx.ts";

export type ExportFormat = "diffusers" | "single-file" | "onnx" | "adapters";

export interface ExportModelOptions extends Omit<LoadForExportOptions, "loras"> {
  format?: ExportFormat | undefined;
  dtype: ExportDtype;
  /** As the user wrote them. */
  lora: readonly string[];
  checkpoint?: string | undefined;
  force: boolean;
  runsFolder: string;
  terminal: Terminal;
}

/**
 * Exports a run or a model.
 *
 * @throws {InputError} when there is no such thing, it cannot be read, or `out` is taken
 */
export async function exportModel(
  source: string,
  out: string,
  { terminal, lora, force, dtype, ...options }: ExportModelOptions,
): Promise<void> {
  const format = formatOf(out, options.format);
  checkExportPlace(out, { isFile: format === "single-file", force });
  const loras = lora.map(parseLora);
  const found = await findExportSource(source, { ...options, ...terminal });
  await useBackend("ort");
  const from = [found.checkpoint ?? found.model, ...loras.map(({ file }) => file)].join(" with ");
  const weights =
    format === "adapters"
      ? writeAdapters(out, found, dtype, options)
      : await writePipeline(out, found, { format, dtype, terminal }, { ...options, loras });
  terminal.print(`Exported ${from}${weights === undefined ? "" : `, ${weights} weights`}`);
  terminal.print(`  ${out}  ${format}, ${dtype}`);
  const change = schedulerChange(found, options);
  if (change !== undefined) terminal.warn(describeChange(change, format));
}

/** A model that is sampled by another scheduler than it was trained for gives noise. */
function describeChange(change: string, format: ExportFormat): string {
  const hasScheduler = format === "diffusers" || format === "onnx";
  const where = hasScheduler
    ? "as its scheduler_config.json says"
    : `which ${format} cannot say: set it in programs that sample the model`;
  return `The run has trained the model for another scheduler than it began with, ${where}: ${change}`;
}

/** What a run trained beside the pipeline's own weights. */
function writeAdapters(
  out: string,
  { model, checkpoint, loraAlpha }: ExportSource,
  dtype: ExportDtype,
  { weights }: LoadForExportOptions,
): WhichWeights {
  if (checkpoint === undefined) {
    throw new InputError(`Cannot export adapters of ${model}: expected a run, got a model`);
  }
  const { adapters, taken } = restoreAdapters(checkpoint, { weights, loraAlpha });
  exportAdapters(out, adapters, dtype);
  return taken;
}

async function writePipeline(
  out: string,
  found: ExportSource,
  written: Omit<Written, "components">,
  options: LoadForExportOptions,
): Promise<WhichWeights | undefined> {
  const withoutTokens = written.format === "single-file"; // programs expect CLIP's own vocabulary
  const { components, weights } = loadForExport(found, { ...options, withoutTokens });
  try {
    await write(out, { ...written, components });
    return weights;
  } finally {
    disposePipeline(components);
  }
}

interface Written {
  components: PipelineComponents;
  format: Exclude<ExportFormat, "adapters">;
  dtype: ExportDtype;
  terminal: Terminal;
}

async function write(out: string, { components, format, dtype, terminal }: Written): Promise<void> {
  switch (format) {
    case "diffusers":
      return exportFolder(out, components, dtype);
    case "single-file":
      return exportSingleFile(out, components, dtype);
    case "onnx":
      return exportOnnx(out, components, { dtype, print: terminal.print });
    default:
      throw new TypeError(`Cannot export as ${String(format satisfies never)}`);
  }
}

function formatOf(out: string, given: ExportFormat | undefined): ExportFormat {
  const isFile = out.endsWith(".safetensors");
  const format = given ?? (isFile ? "single-file" : "diffusers");
  if ((format === "single-file") === isFile) return format;
  const expected = isFile ? "a folder" : "a name that ends in .safetensors";
  throw new InputError(`Cannot export ${format} to ${out}: expected ${expected}`);
}
