import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { cachingName } from "./caching/cachingReport.ts";
import { findWorkloads, workloads } from "./cases/index.ts";
import { readPeerNames } from "./peers/findPeers.ts";
import { peerNames, type PeerName } from "./peers/peer.ts";
import { fullSize, type Workload } from "./workload.ts";

export const usage: string = `Usage: npm run bench -- [options] [name ...]
       npm run bench -- serve [--model FOLDER] [--repeats N]

Measures training and sampling steps in turns with PyTorch and the other backends of TF.js; a ratio
above 1 means that we are faster.

  name ...       measure these alone; ${fullSize} for all that is of Stable
                 Diffusion's own size, without peers, as far as memory allows;
                 ${cachingName} for what cached latents are worth;
                 serve, alone, for what clients of \`seedbed serve\` wait for
  --all          also the heavy ones
  --ops          single operations instead; with --all, too
  --passes       what each pass over a step's graph is worth instead: the step without it
  --engine       what the engine and the Trainer take instead; with --all, too
  --peers LIST   some of ${peerNames.join(",")}, or none (default: all that are installed)
  --python PATH  a Python with torch (default: SEEDBED_BENCH_PYTHON, or python3 if it has torch)
  --threads N    threads of each side (default: the machine's cores)
  --pairs N      how often each side is measured
  --json         print rows as JSON instead of a table
  --write        measure everything and write docs/benchmarks.md
  --help`;

export interface Options {
  workloads: readonly Workload[];
  engine: boolean;
  caching: boolean;
  passes: boolean;
  peers: readonly PeerName[];
  json: boolean;
  write: boolean;
  threads: number;
  pairs: number | undefined;
  python: string | undefined;
}

/** @returns undefined when the user wants to know the usage */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: "boolean", default: false },
      ops: { type: "boolean", default: false },
      engine: { type: "boolean", default: false },
      passes: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      peers: { type: "string" },
      python: { type: "string" },
      threads: { type: "string" },
      pairs: { type: "string" },
    },
  });
  const { all, ops, engine, passes, json, write, help } = values;
  if (help) return undefined;
  const names = positionals.filter((name) => name !== cachingName);
  const caching = positionals.length > names.length;
  const isAsked = !passes && !(caching && names.length === 0);
  return {
    workloads: isAsked ? select({ names, all: all || write, ops, engine }) : [],
    caching,
    engine: engine || write || (all && names.length === 0),
    passes: passes || write,
    peers: readPeerNames(values.peers),
    json,
    write,
    threads: count("threads", values.threads) ?? availableParallelism(),
    pairs: count("pairs", values.pairs),
    python: values.python,
  };
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`Cannot read --${name}: expected an integer >= 1, got "${text}"`);
}

function select({
  names,
  all,
  ops,
  engine,
}: {
  names: readonly string[];
  all: boolean;
  ops: boolean;
  engine: boolean;
}): readonly Workload[] {
  if (names.length > 0) return names.flatMap(findWorkloads);
  if (all) return workloads.filter(({ group }) => group !== fullSize);
  if (ops || engine) return ops ? workloads.filter(({ group }) => group === "operation") : [];
  return workloads.filter(({ group, heavy }) => group !== "operation" && !heavy);
}
