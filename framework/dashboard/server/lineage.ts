import type { IndexedRun } from "../../store/indexedRun.ts";
import type { LineageNode, RunAnswer } from "../api.ts";
import type { RunFacts } from "./runFacts.ts";

type Lineage = RunAnswer["lineage"];
type Edge = Lineage["edges"][number];

export interface LineageOptions {
  readonly runs: readonly IndexedRun[];
  /** By key. */
  readonly facts: ReadonlyMap<string, RunFacts>;
}

/** Runs in a graph; one that was used by thousands is not drawn whole. */
const mostNodes = 200;

/**
 * The runs that a run came from, and those that came from it, with what they handed on: what a run
 * says that it used of another, and what has the same content as another's output.
 */
export function lineageOf(key: string, { runs, facts }: LineageOptions): Lineage {
  const edges = allEdges(runs, facts);
  const near = new Set([
    ...reach(key, edges, ({ from, to }) => [to, from]),
    ...reach(key, edges, ({ from, to }) => [from, to]),
  ]);
  const byKey = new Map(runs.map((run) => [run.key, run]));
  return {
    nodes: [...near].map((each) => node(each, byKey.get(each))),
    edges: edges.filter(({ from, to }) => near.has(from) && near.has(to)),
  };
}

function allEdges(runs: readonly IndexedRun[], facts: ReadonlyMap<string, RunFacts>): Edge[] {
  const keys = new Map(runs.map(({ id, key }) => [id, key]));
  const makers = makersOf(facts);
  return runs.flatMap(({ key: to }) =>
    (facts.get(to)?.artifacts ?? []).flatMap((used) => {
      if (used.direction !== "input") return [];
      const from =
        used.from === undefined ? makers.get(used.sha256) : (keys.get(used.from) ?? used.from);
      return from === undefined || from === to ? [] : [{ from, to, artifact: used.name }];
    }),
  );
}

/** Keys of runs by the hashes of what they made. */
function makersOf(facts: ReadonlyMap<string, RunFacts>): Map<string, string> {
  const makers = new Map<string, string>();
  for (const [key, { artifacts }] of facts) {
    for (const { direction, sha256 } of artifacts) {
      if (direction === "output" && sha256 !== "") makers.set(sha256, key);
    }
  }
  return makers;
}

/** What can be reached along edges, nearest first, with the start itself. */
function reach(
  start: string,
  edges: readonly Edge[],
  ends: (edge: Edge) => [at: string, next: string],
): Set<string> {
  const neighbours = new Map<string, string[]>();
  for (const [at, next] of edges.map(ends)) {
    const known = neighbours.get(at);
    if (known) known.push(next);
    else neighbours.set(at, [next]);
  }
  const reached = new Set([start]);
  for (const key of reached) {
    for (const next of neighbours.get(key) ?? []) {
      if (reached.size < mostNodes) reached.add(next);
    }
  }
  return reached;
}

function node(key: string, run: IndexedRun | undefined): LineageNode {
  if (!run) return { key, title: key, status: "finished", known: false };
  return { key, title: run.title ?? `${run.name}/${run.id}`, status: run.status, known: true };
}
