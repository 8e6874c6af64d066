import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction, CompileOptions } from "../base/compile.ts";
import type { MixedPrecision } from "../base/precision.ts";
import { markUnchanged } from "../base/unchanged.ts";
import type { GraphValue, Program } from "../graph/graph.ts";
import { fuseLanes, type FusedLanes, type LaneGroup } from "../graph/passes/fuseLanes.ts";
import { reclaimLargeArrays } from "../runtime/reclaimMemory.ts";
import type { HostArray, RuntimeValue } from "../runtime/session.ts";
import type { LaneArrays, LoadedLanes } from "../wasm/laneThreads.ts";
import { DeviceProgram } from "./deviceProgram.ts";
import type { Entry } from "./entry.ts";
import { setHostValue } from "./entryValues.ts";
import { FiledUpdates } from "./filedUpdates.ts";
import { describePrecision, inPrecision } from "./halfPrecision.ts";
import { copyOf, newValue } from "./hostValue.ts";
import { LaneMemory, lieTogether } from "./laneMemory.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { OutputArrays } from "./outputArrays.ts";
import type { PassName } from "./passes.ts";
import { planPrograms, type Plan } from "./plan.ts";
import { ProgramStep } from "./programStep.ts";
import {
  checkLike,
  conditionOf,
  makeSole,
  record,
  signatureOf,
  type Recording,
} from "./recording.ts";

/** Input signatures that one compiled function keeps ready; the least recently used goes first. */
const maxSignatures = 8;

/** The `Compile` of our backends. */
export function compileWith(backend: OrtBackend): Compile {
  const compile = <I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
    fn: (inputs: I) => O,
    options: CompileOptions = {},
  ): CompiledFunction<I, O> => {
    const programs = new Map<string, CompiledProgram<O> | DeviceProgram<O>>();
    const build = (inputs: I): CompiledProgram<O> | DeviceProgram<O> => {
      const recording = record(backend, fn, inputs);
      const { device } = backend;
      return device
        ? new DeviceProgram(backend, device, recording, options)
        : new CompiledProgram(backend, recording, options);
    };

    const call = async (inputs: I): Promise<O> => {
      const signature = signatureOf(inputs);
      let program = programs.get(signature);
      programs.delete(signature);
      program ??= unlessItFails(() => build(inputs));
      programs.set(signature, program);
      for (const [key, old] of programs) {
        if (programs.size <= maxSignatures) break;
        old.dispose();
        programs.delete(key);
      }
      return program.run(inputs);
    };
    const free = (): void => {
      for (const program of programs.values()) program.dispose();
      programs.clear();
    };
    const enqueue = (inputs: I): Promise<O> => {
      if (backend.capturing) {
        throw new Error(
          "Cannot call a compiled function inside another: call the function that was compiled",
        );
      }
      const held = hold(inputs);
      return backend.runs.enqueue(() => call(held)).finally(() => tf.dispose(held));
    };
    return Object.assign(enqueue, {
      dispose() {
        if (backend.runs.idle) free();
        else void backend.runs.enqueue(async () => free());
      },
    });
  };
  return Object.assign(compile, {
    describePrecision: (precision: MixedPrecision) => describePrecision(precision, backend.device),
  });
}

/** Does what changes no variable. */
function unlessItFails<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    markUnchanged(error);
    throw error;
  }
}

/** Clones that stay until the call's turn comes, whatever the caller disposes meanwhile. */
function hold<I extends tf.NamedTensorMap>(inputs: I): I {
  const clones = Object.entries(inputs).map(([name, tensor]) => [name, tf.keep(tensor.clone())]);
  return checkLike(Object.fromEntries(clones), inputs);
}

/** A variable with the array or two arrays that hold its values between runs. */
interface State {
  variable: tf.Variable;
  before: GraphValue | undefined;
  after: GraphValue | undefined;
  /** The array that is written next, when the old one must stay readable during the run. */
  alternate: RuntimeValue | undefined;
  /** The array that was written last, and who got it. */
  given: { readonly entry: Entry; readonly value: RuntimeValue } | undefined;
}

/** A recorded function with its sessions and the arrays between them. */
class CompiledProgram<O extends tf.NamedTensorMap> {
  readonly #backend: OrtBackend;
  readonly #recording: Recording<O>;
  readonly #plan: Plan;
  readonly #steps: readonly ProgramStep[];
  readonly #states: State[];
  /** Values that pass from the first program to the second. */
  readonly #boundary: ReadonlyMap<GraphValue, RuntimeValue>;
  /** Where variables and gradients that are updated together lie. */
  readonly #lanes: LaneMemory;
  /** Updates that follow the programs, with the numbers that they take from these. */
  readonly #recipes: readonly {
    scalars: readonly GraphValue[];
    lanes: LoadedLanes;
    arrays: LaneArrays;
  }[];
  /** The same of variables that lie in files. */
  readonly #filed: FiledUpdates;
  readonly #scalars: ReadonlyMap<GraphValue, RuntimeValue>;
  readonly #captured: ReadonlyMap<GraphValue, RuntimeValue>;
  readonly #outputArrays = new OutputArrays();
  /** Outputs whose arrays the program goes on using, so that the caller gets a copy. */
  readonly #shared: ReadonlySet<GraphValue>;
  /** Variables keep their values where this is not finite. */
  readonly #condition: GraphValue | undefined;

  constructor(
    backend: OrtBackend,
    recording: Recording<O>,
    { precision = "32-true", assignsIfFinite }: CompileOptions,
  ) {
    this.#backend = backend;
    this.#recording = recording;
    this.#condition = conditionOf(recording, assignsIfFinite);
    const changed = recording.variables.filter(({ after }) => after !== undefined);
    const changes = changed.map(({ before, after }) => ({ before, after: after! }));
    this.#plan = planPrograms(
      recording.outputs.map(({ value }) => value),
      changes,
      this.#condition !== undefined,
    );
    const variableOf = new Map(recording.variables.map((each) => [each.before, each.variable]));
    const current = (value: GraphValue): HostArray | undefined => {
      const variable = variableOf.get(value);
      return variable && backend.materialize(variable.dataId).array;
    };
    const { without } = backend;
    const filed = filedValues(backend, recording);
    const { programs, groups } = fuseUpdates(this.#plan, recording, changes, {
      current,
      without,
      filed,
    });
    const isFiled = ({ operands }: LaneGroup): boolean =>
      operands.flat().some((value) => filed.has(value));
    this.#filed = new FiledUpdates(backend, recording.variables, groups.filter(isFiled));
    this.#lanes = new LaneMemory(
      groups.filter((group) => !isFiled(group)),
      current,
    );
    this.#recipes = this.#lanes.recipes.map(({ recipe, memory, arrays }) => ({
      scalars: recipe.scalars,
      lanes: backend.laneThreads.load(recipe, memory),
      arrays,
    }));
    const scalars = [...this.#recipes.flatMap((each) => each.scalars), ...this.#filed.scalars];
    this.#scalars = new Map(scalars.map((scalar) => [scalar, newValue(scalar)]));
    const { graph } = recording.recorder;
    if (changed.length > 0) reclaimLargeArrays();
    this.#steps = programs.map((planned, i) => {
      const program = i === 0 ? inPrecision(precision, planned, graph) : planned;
      const optimization = i === 0 && !without.has("runtimeOptimizations") ? "all" : "basic";
      const hasViews = !without.has("viewsAtTheBorder");
      return new ProgramStep(backend.sessions, program, { graph, optimization, hasViews });
    });
    this.#boundary = new Map(
      this.#plan.boundary.map((value) => [value, newValue(value, this.#lanes.arrayOf(value))]),
    );
    this.#captured = new Map(
      recording.captured.map(({ entry, value }) => [value, backend.values.onHost(entry)]),
    );
    this.#shared = new Set([...this.#boundary.keys(), ...changes.map(({ after }) => after)]);
    this.#states = recording.variables.map(({ variable, before, after }) => {
      const index = changed.findIndex((each) => each.variable === variable);
      const alternate =
        after && this.#plan.states[index]!.placement === "alternate" ? newValue(after) : undefined;
      return { variable, before, after, alternate, given: undefined };
    });
  }

  async run(inputs: tf.NamedTensorMap): Promise<O> {
    const progress = { mayHaveChanged: false };
    try {
      const results = await this.#compute(inputs, progress);
      progress.mayHaveChanged = true;
      if (this.#assigns(results)) for (const state of this.#states) this.#takeTurn(state);
      return checkLike(this.#tensors(results), this.#recording.returned);
    } catch (error) {
      if (!progress.mayHaveChanged) markUnchanged(error);
      throw error;
    }
  }

  /** @param progress is told when a variable may have been overwritten */
  async #compute(
    inputs: tf.NamedTensorMap,
    progress: { mayHaveChanged: boolean },
  ): Promise<ReadonlyMap<GraphValue, RuntimeValue>> {
    const backend = this.#backend;
    backend.flush();
    const values = new Map(this.#captured);
    for (const { name, value } of this.#recording.inputs) {
      const { dataId, shape } = inputs[name]!;
      values.set(value, backend.values.onHost(backend.materialize(dataId), shape));
    }
    const results = new Map([...this.#scalars, ...this.#boundary, ...this.#lanes.pieces]);
    for (const state of this.#states) this.#placeState(state, values, results);
    this.#lanes.placed();
    for (const { value } of this.#recording.outputs) {
      if (!results.has(value)) results.set(value, this.#outputArrays.take(value));
    }
    for (const value of this.#boundary.keys()) values.set(value, results.get(value)!);
    const written = this.#states.flatMap(({ variable, before, after }): (HostArray | Entry)[] => {
      if (!after) return [];
      const isFiled = this.#filed.has(before);
      return [isFiled ? backend.entry(variable.dataId) : results.get(after)!.array];
    });
    const inputOf = (value: GraphValue): RuntimeValue => values.get(value) ?? results.get(value)!;
    await backend.runs.whileWriting(written, async () => {
      for (const [i, step] of this.#steps.entries()) {
        if (i > 0 && !this.#assigns(results)) return;
        const binding = step.bind({
          inputOf,
          outputOf: (value) => results.get(value)!,
        });
        progress.mayHaveChanged ||= this.#overwrites(i);
        if (binding) await backend.counters.ran(() => binding.runAsync());
      }
      const numberOf = (scalar: GraphValue): number => results.get(scalar)!.array[0]!;
      for (const { scalars, lanes, arrays } of this.#recipes) {
        await backend.counters.computed(() => lanes.run(scalars.map(numberOf), arrays));
      }
      await this.#filed.run(numberOf, (value) => inputOf(value).array);
    });
    return results;
  }

  /** Whether one of the programs writes over the old value of a variable. */
  #overwrites(index: number): boolean {
    return this.#plan.states.some(
      ({ program, placement }) => program === index && placement === "inPlace",
    );
  }

  /** Says which array holds a state now and which receives its new value. */
  #placeState(
    state: State,
    values: Map<GraphValue, RuntimeValue>,
    results: Map<GraphValue, RuntimeValue>,
  ): void {
    const { variable, before, after } = state;
    if (variable.isDisposed) {
      throw new Error(
        `Cannot run a compiled function: its variable "${variable.name}" was disposed`,
      );
    }
    if (after) makeSole(this.#backend, variable);
    if (this.#filed.has(before)) return this.#filed.place(variable);
    const entry = this.#backend.materialize(variable.dataId);
    if (before) this.#lanes.place(before, entry);
    const current = this.#backend.values.onHost(entry);
    if (before) values.set(before, current);
    if (after) results.set(after, this.#targetOf(state, after, entry, current));
  }

  /** The array that receives a state's new value: that of the old one, or another. */
  #targetOf(state: State, after: GraphValue, entry: Entry, current: RuntimeValue): RuntimeValue {
    const { alternate, given } = state;
    if (!alternate) return current;
    if (alternate.array !== current.array) return alternate;
    // Another function keeps the variable in memory of its own, and has moved it back there.
    state.alternate = given?.entry === entry ? given.value : newValue(after);
    return state.alternate;
  }

  /** Whether the first program left it at what was assigned to variables. */
  #assigns(results: ReadonlyMap<GraphValue, RuntimeValue>): boolean {
    return !this.#condition || Number.isFinite(results.get(this.#condition)!.array[0]);
  }

  #takeTurn(state: State): void {
    if (!state.alternate) return;
    const entry = this.#backend.entry(state.variable.dataId);
    const written = state.alternate;
    state.alternate = entry.runtimeValue;
    state.given = { entry, value: written };
    setHostValue(entry, written);
  }

  #tensors(results: ReadonlyMap<GraphValue, RuntimeValue>): tf.NamedTensorMap {
    const given = new Set<GraphValue>(this.#shared);
    return Object.fromEntries(
      this.#recording.outputs.map(({ name, value, shape, dtype }) => {
        const result = results.get(value)!;
        const isOwn = !given.has(value);
        given.add(value);
        const array = isOwn ? result.array : copyOf(result.array, dtype);
        const info = this.#backend.adopt(array, shape, dtype);
        if (isOwn) this.#outputArrays.gave(value, result, this.#backend.entry(info.dataId));
        return [name, tf.engine().makeTensorFromTensorInfo(info)];
      }),
    );
  }

  dispose(): void {
    for (const step of this.#steps) step.dispose();
    for (const { lanes } of this.#recipes) lanes.unload();
    this.#filed.dispose();
  }
}

/** The plan's programs, the last with the updates of all parameters done as one. */
function fuseUpdates(
  { programs, boundary, states }: Plan,
  { recorder, outputs, variables }: Recording<tf.NamedTensorMap>,
  changes: readonly { before: GraphValue | undefined; after: GraphValue }[],
  {
    current,
    without,
    filed,
  }: {
    current: (value: GraphValue) => HostArray | undefined;
    without: ReadonlySet<PassName>;
    filed: ReadonlySet<GraphValue>;
  },
): { programs: readonly Program[]; groups: FusedLanes["groups"] } {
  const [first, second] = programs;
  if (!first || !second || without.has("lanes")) return { programs, groups: [] };
  const overwritten = new Map<GraphValue, GraphValue>();
  for (const [i, { before, after }] of changes.entries()) {
    if (before && states[i]!.placement === "inPlace") overwritten.set(after, before);
  }
  const returned = new Set(outputs.map(({ value }) => value));
  const read = variables.flatMap(({ before, after }) => (before && !after ? [before] : []));
  const free = [...overwritten.values(), ...read, ...boundary];
  const fused = fuseLanes(second, {
    graph: recorder.graph,
    given: new Set(boundary),
    movable: new Set(free.filter((value) => !returned.has(value))),
    overwritten,
    filed,
    compiles: (roles) =>
      !without.has("recipes") && isWorthARecipe(roles.map((values) => values.map(current))),
  });
  return { programs: [first, fused.program], groups: fused.groups };
}

/** The old values of variables that lie in files. */
function filedValues(
  { filed }: OrtBackend,
  { variables }: Recording<tf.NamedTensorMap>,
): ReadonlySet<GraphValue> {
  const values = variables.flatMap(({ variable, before, after }) =>
    before && after && filed.placeOf(variable) ? [before] : [],
  );
  return new Set(values);
}

/** Elements from which on it pays to wake threads. */
const manyElements = 2 ** 16;

/**
 * Whether updates are to be compiled to WebAssembly, which needs all arrays in one memory: not those
 * that another compiled function has put into its own, lest they are moved at each call.
 *
 * @param roles arrays of each role; undefined for what is no variable
 */
function isWorthARecipe(roles: readonly (readonly (HostArray | undefined)[])[]): boolean {
  const sizes = roles.find((arrays) => arrays.every(Boolean))?.map((array) => array!.length) ?? [];
  const elements = sizes.reduce((sum, size) => sum + size, 0);
  const areLanes = (arrays: readonly (HostArray | undefined)[]): boolean =>
    arrays.length > 1 ? lieTogether(arrays, sizes) : arrays[0]?.buffer instanceof SharedArrayBuffer;
  return elements >= manyElements && !roles.some(areLanes);
}
