/**
 * @file `npx tsx experiments/nano/report.ts [--full MODEL] [--distilled MODEL] ...` compares the models of
 * the chain: what they cost, and what they are worth.
 */
import { renameSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { DecodeEngine, InputError, writeReportFolder } from "seedbed";

import { dataSettingsOf, links, openChainModel, type ChainModel } from "./chain/chainModels.ts";
import { chainReport, type MeasuredLink } from "./chain/chainReport.ts";
import { measureSpeed } from "./chain/measureSpeed.ts";
import { buildNanoData, type NanoData } from "./data/buildNanoData.ts";
import { chooseItems } from "./evaluation/chooseItems.ts";
import { evaluatedRows, evaluateModel, type ModelEvaluation } from "./evaluation/evaluateModel.ts";
import { checkTokenizer } from "./modelFolders.ts";
import { pictureKinds } from "./pictures/picture.ts";
import { runScript } from "./runScript.ts";
import { longest } from "./startingModel.ts";
import { namedShare } from "./vision/pictureScores.ts";

const usage = `npx tsx experiments/nano/report.ts [options]
${Object.entries(links)
  .map(([name, place]) => `  --${name} MODEL`.padEnd(22) + `a folder, or run:NAME (${place})`)
  .join("\n")}
  --runs FOLDER       of all runs (runs)
  --out FOLDER        where the report goes (experiments/nano/results)
  --limit COUNT       most tasks of each group (250)
  --documents COUNT   most documents that perplexity is measured on (1000)
  --repeats COUNT     timed requests (5)`;

/** Tokens of a timed request: its prompt, and what is said. */
const request = { prompt: 64, length: 128 };

interface Options {
  readonly places: Readonly<Record<string, string>>;
  readonly runs: string;
  readonly out: string;
  readonly limit: number;
  readonly documents: number;
  readonly repeats: number;
}

function readOptions(args: string[]): Options {
  const text = { type: "string" } as const;
  const names = [...Object.keys(links), "runs", "out", "limit", "documents", "repeats"];
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(names.map((name) => [name, text])),
  });
  const countOf = (name: string, usual: number): number => {
    const count = Number(values[name] ?? usual);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new InputError(`Cannot report: --${name}: expected an integer >= 1, got ${values[name]}`);
  };
  return {
    places: Object.fromEntries(
      Object.entries(links).map(([name, usual]) => [name, String(values[name] ?? usual)]),
    ),
    runs: String(values["runs"] ?? "runs"),
    out: String(values["out"] ?? path.join(import.meta.dirname, "results")),
    limit: countOf("limit", 250),
    documents: countOf("documents", 1000),
    repeats: countOf("repeats", 5),
  };
}

async function report({ places, runs, out, ...measured }: Options): Promise<void> {
  const models = Object.entries(places).map(([name, place]) => openChainModel(name, place, runs));
  const { length = 256, ...settings } = dataSettingsOf(models[0]!);
  const data = await buildNanoData({ ...settings, maxLength: longest });
  for (const { folder } of models) checkTokenizer(folder, data);
  console.log(`timing ${models.length} models, one thread`);
  const speeds = await measureSpeed({
    ...{ models, prompt: promptOf(data), length: request.length, repeats: measured.repeats },
    threads: 1,
    onRepeat: (done) => console.log(`timed ${done} of ${measured.repeats} times`),
  });
  const found: MeasuredLink[] = [];
  for (const model of models) {
    console.log(`evaluating ${model.name}`);
    const options = { ...measured, length: Number(length) };
    const { named, ...evaluation } = await evaluate(model, data, options);
    const { name, run, sha256, parameters, bytes } = model;
    const speed = speeds.get(name)!;
    found.push({ name, run, sha256, parameters, bytes, evaluation, named, speed });
  }
  const page = chainReport({
    links: found,
    request,
    circumstances: circumstancesOf(measured, Number(length)),
  });
  await writeReportFolder(out, page, ["markdown"]);
  renameSync(path.join(out, "report.md"), path.join(out, "README.md"));
  console.log(path.join(out, "README.md"));
}

/** The beginning of the test's dialogues. */
function promptOf({ chat }: NanoData): number[] {
  const ids = Array.from(chat.test.ids.subarray(0, request.prompt));
  if (ids.length === request.prompt) return ids;
  throw new InputError(
    `Cannot time a prompt of ${request.prompt} tokens: the test's dialogues have ${ids.length}; use more data`,
  );
}

async function evaluate(
  { engine: options, pictures }: ChainModel,
  data: NanoData,
  { limit, documents, length }: { limit: number; documents: number; length: number },
): Promise<ModelEvaluation & { named: number | undefined }> {
  const takesEmbeddings = pictures !== undefined;
  const engine = new DecodeEngine({ ...options, takesEmbeddings, rows: evaluatedRows, threads: 1 });
  try {
    const print = (line: string): void => console.log(line);
    const evaluation = await evaluateModel({ engine, data, limit, documents, length, print });
    const asked = { engine, tokenizer: data.tokenizer };
    const shown = pictureKinds.flatMap((kind) =>
      chooseItems(
        data.pictures.test.filter((picture) => picture.kind === kind),
        limit,
        ({ questions }) => JSON.stringify(questions),
      ),
    );
    const named = pictures && (await namedShare(pictures, shown, asked));
    return { ...evaluation, named };
  } finally {
    await engine.dispose();
  }
}

/** @param length tokens of a document that a model has learnt from at once */
function circumstancesOf(
  { limit, documents, repeats }: Pick<Options, "limit" | "documents" | "repeats">,
  length: number,
): [string, string][] {
  return [
    ["processor", `${cpus()[0]?.model ?? "unknown"}, one thread`],
    ["Node.js", process.version],
    [
      "speed",
      `a prompt of ${request.prompt} tokens and ${request.length} more, one text at a time; the least of ${repeats} requests, models taking turns`,
    ],
    ["cost", "processor time of such a request, for each token that is read or said"],
    [
      "tasks",
      `at most ${limit} of each group of the test, and apart from them a quarter as many that no function fits; ${evaluatedRows} texts at a time, greedily`,
    ],
    [
      "perplexity",
      `of what the assistant says in the first ${length} tokens of each of at most ${documents} of the test's dialogues; of prose: of as many texts, each whole, in pieces of ${length} tokens`,
    ],
    ["pictures", `at most ${limit} of each kind of the test, the first question about each`],
    ["MB", "the file of weights; all parameters of 32 bits but where the name says otherwise"],
  ];
}

await runScript(() => report(readOptions(process.argv.slice(2))), usage);
