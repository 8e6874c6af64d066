import { readFileSync } from "node:fs";

interface Line {
  readonly indent: number;
  readonly name: string;
  readonly note: string;
}

/** The pictures of `docs/lifecycle.md`: the lines of each fenced block, by heading or `[name]`. */
export function readPictures(): ReadonlyMap<string, readonly Line[]> {
  const pictures = new Map<string, Line[]>();
  let heading = "";
  let block: string[] | undefined;
  for (const line of readFileSync("docs/lifecycle.md", "utf8").split("\n")) {
    if (line.startsWith("## ")) heading = line.slice(3);
    if (line === "```" && block) {
      const named = block[0]?.startsWith("[") ? block.shift() : heading;
      pictures.set(named!, block.map(parse));
      block = undefined;
    } else if (line === "```") block = [];
    else block?.push(line);
  }
  return pictures;
}

function parse(line: string): Line {
  const [name = "", note = ""] = line.trim().split(/ {2,}/);
  return { indent: line.search(/\S/), name, note };
}

export interface Expansion {
  /** How often `per epoch` and each `per batch` inside a block are walked. */
  readonly epochs: number;
  readonly batches: (block: string) => number;
  /** Owners in the order of their calls. */
  readonly owners: readonly string[];
  /** Notes that begin so are left out. */
  readonly without: readonly string[];
}

/** The calls that a picture says there are. */
export function expand(
  pictures: ReadonlyMap<string, readonly Line[]>,
  block: string,
  how: Expansion,
): string[] {
  return expandLines(pictures, block, pictures.get(block)!, how, 0, 1);
}

function expandLines(
  pictures: ReadonlyMap<string, readonly Line[]>,
  block: string,
  lines: readonly Line[],
  how: Expansion,
  batch: number,
  batches: number,
): string[] {
  const calls: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const { indent, name, note } = lines[i]!;
    if (name.startsWith("per ")) {
      const end = lines.findIndex((line, j) => j > i && line.indent < indent);
      const inner = lines.slice(i + 1, end === -1 ? undefined : end);
      const times = name === "per epoch" ? how.epochs : how.batches(block);
      for (let turn = 0; turn < times; turn++) {
        calls.push(...expandLines(pictures, block, inner, how, turn, times));
      }
      i += inner.length;
    } else if (note.startsWith("first batch") && batch > 0) continue;
    else if (note.startsWith("last batch") && batch < batches - 1) continue;
    else if (how.without.some((start) => note.startsWith(start))) continue;
    else if (name.startsWith("[")) calls.push(...expand(pictures, name, how));
    else calls.push(...callsOf(name, note, how.owners));
  }
  return calls;
}

function callsOf(hook: string, note: string, owners: readonly string[]): string[] {
  const callbacks = owners.filter((owner) => owner !== "module");
  const [ordinary, ...monitors] = callbacks;
  const order = note.includes("module only")
    ? ["module"]
    : note.includes("callbacks only")
      ? callbacks
      : hook === "onTrainEpochEnd"
        ? [ordinary!, "module", ...monitors]
        : [...callbacks, "module"];
  return order.map((owner) => `${owner}.${hook}`);
}
