import { readFileSync } from "node:fs";

import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Scalar,
  type YAMLMap,
} from "yaml";

/** What is read otherwise by PyYAML, and so by W&B; told by how it is written. */
const traps: readonly [written: RegExp, warning: (source: string) => string][] = [
  [
    /^[-+]?(\d+[eE][-+]?\d+|\d+\.\d*[eE]\d+)$/,
    (source) => `${source} is a number here, and text for PyYAML; write ${withPoint(source)}`,
  ],
  [
    /^(yes|no|on|off)$/i,
    (source) =>
      `${source} is text here, and ${truth(source)} for PyYAML; quote it, or write ${truth(source)}`,
  ],
  [
    /^[-+]?0\d+$/,
    (source) =>
      `${source} is ${Number(source)} here, and octal for PyYAML; drop the 0, or quote it`,
  ],
  [
    /^[-+]?\d[\d_]*_[\d_]*$/,
    (source) =>
      `${source} is text here, and a number for PyYAML; write ${source.replaceAll("_", "")}`,
  ],
];

const withPoint = (source: string): string =>
  source.replace(/^([-+]?\d+)([eE])/, "$1.0$2").replace(/([eE])(\d)/, "$1+$2");

const truth = (source: string): string => String(/^(yes|on)$/i.test(source));

/**
 * What in a YAML file means something else to Python's programs, or may not be what it seems: each
 * with file and line.
 */
export function yamlTraps(file: string): string[] {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines });
  const found: { offset: number; warning: string }[] = [];
  const add = (offset: number | undefined, warning: string | undefined): void => {
    if (warning !== undefined) found.push({ offset: offset ?? 0, warning });
  };
  visit(document, {
    Scalar: (_, node) => add(node.range?.[0], warningOf(node)),
    Map: (_, node) => add(node.range?.[0], boundsWarning(node)),
  });
  found.sort((a, b) => a.offset - b.offset);
  return found.map(({ offset, warning }) => `${file}:${lines.linePos(offset).line}: ${warning}`);
}

function warningOf({ type, source = "" }: Scalar): string | undefined {
  if (type !== "PLAIN") return undefined;
  if (source === "<<") return "<< is an ordinary key here, and merges mappings for PyYAML";
  return traps.find(([written]) => written.test(source))?.[1](source);
}

/** Of a parameter whose bounds alone say whether it is an integer. */
function boundsWarning(map: YAMLMap): string | undefined {
  if (map.has("distribution")) return undefined;
  const [min, max] = ["min", "max"].map((key) => sourceAt(map, key));
  if (min === undefined || max === undefined) return undefined;
  const areIntegers = [min, max].map((source) => /^[-+]?\d+$/.test(source));
  if (areIntegers[0] !== areIntegers[1]) {
    return `min ${min} and max ${max} give real numbers, as one of them is no integer`;
  }
  const isNarrow = areIntegers[0] && Number(max) - Number(min) === 1;
  return isNarrow
    ? `min ${min} and max ${max} give the integers ${min} and ${max} alone; write ${min}.0 for what lies between`
    : undefined;
}

function sourceAt(map: YAMLMap, key: string): string | undefined {
  const node = map.get(key, true);
  return isMap(node) || !isScalar(node) ? undefined : node.source;
}
