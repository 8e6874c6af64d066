import { structureKey, type Program } from "../graph/graph.ts";
import { peakBytes } from "../graph/peakBytes.ts";
import { encodeModel } from "../onnx/modelProto.ts";
import {
  Session,
  type MemoryReuse,
  type OptimizationLevel,
  type Provider,
} from "../runtime/session.ts";
import type { Counters } from "./counters.ts";
import { explainFailure } from "./explainFailure.ts";

/** Sessions kept for graphs that may come again; the least recently used goes first. */
const maxKept = 256;

/** Bytes that are worth some percent of a program's time. */
const worthwhileBytes = 96e6;

function memoryReuseFor({ released, kept }: ReturnType<typeof peakBytes>): MemoryReuse {
  return kept - released >= worthwhileBytes ? "any" : "sameSize";
}

/** The most memory that a program's intermediate values will need at once in its session. */
export function chosenPeakBytes(program: Program): number {
  const peak = peakBytes(program);
  return memoryReuseFor(peak) === "any" ? peak.released : peak.kept;
}

/** Makes sessions, counts them, and keeps those of graphs that may come again. */
export class Sessions {
  readonly #counters: Counters;
  readonly #kept = new Map<string, Session>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** The session for a program, kept from an earlier one of the same structure if there was one. */
  for(program: Program): Session {
    const key = structureKey(program);
    const known = this.#kept.get(key);
    if (known) this.#counters.reused++;
    const session = known ?? this.make(program, "basic");
    this.#kept.delete(key);
    this.#kept.set(key, session);
    for (const [oldest, old] of this.#kept) {
      if (this.#kept.size <= maxKept) break;
      this.release(old);
      this.#kept.delete(oldest);
    }
    return session;
  }

  /** A session that is the caller's, to be released. */
  make(program: Program, optimization: OptimizationLevel, provider?: Provider): Session {
    const { bytes, inputNames, outputNames } = encodeModel(program);
    const session = new Session(
      bytes,
      inputNames,
      outputNames,
      optimization,
      provider,
      provider === "webgpu" ? "sameSize" : memoryReuseFor(peakBytes(program)),
    );
    session.explain = explainFailure(program);
    this.#counters.built++;
    for (const operator of session.operatorsOnCpu) this.#counters.operatorsOnCpu.add(operator);
    return session;
  }

  release(session: Session): void {
    session.dispose();
    this.#counters.disposed++;
  }

  /** Releases those that are kept. */
  clear(): void {
    for (const session of this.#kept.values()) this.release(session);
    this.#kept.clear();
  }
}
