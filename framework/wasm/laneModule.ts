import type { LaneOperator, LaneRecipe, LaneTerm } from "../graph/laneRecipe.ts";
import {
  f32,
  floats,
  get,
  i32,
  instruction,
  integer,
  list,
  module,
  name,
  repeatWhile,
  set,
  sized,
  tee,
  unsigned,
  v128,
  type Bytes,
} from "./encoding.ts";

/** Elements that are computed at a time. */
export const laneWidth = 4;
const bytesPerTurn = 16;
/** Pages of 64 KiB that a memory may have: 4 GiB. */
const mostPages = 65536;

/** How a recipe's module is imported from and exported to. */
export const laneImport = { module: "lanes", memory: "memory" } as const;
export const laneExport = "run";

/**
 * What the exported function takes: byte at which the stretch starts in the first array, elements (a
 * multiple of `laneWidth`, not 0), bytes from one array to the next, then the recipe's scalars.
 */
export type RunLanes = (start: number, count: number, stride: number, ...scalars: number[]) => void;

const operations: Record<Exclude<LaneOperator, "Sign">, Bytes> = {
  Abs: instruction.absolute,
  Add: instruction.add,
  Div: instruction.divide,
  Mul: instruction.multiply,
  Neg: instruction.negate,
  Sqrt: instruction.squareRoot,
  Sub: instruction.subtract,
};

/** 1 where the operand is above 0, less 1 where it is below: 0 for both zeros and NaN. */
function signOf(operand: Bytes): Bytes {
  const oneWhere = (comparison: Bytes): Bytes => [
    ...[...operand, ...floats(0), ...comparison],
    ...[...floats(1), ...instruction.and],
  ];
  return [
    ...[...oneWhere(instruction.greater), ...oneWhere(instruction.less)],
    ...instruction.subtract,
  ];
}

/** Parameters of the function ahead of the scalars. */
const parameters = { start: 0, count: 1, stride: 2, scalars: 3 } as const;

/** Numbers of the function's locals, by what they hold. */
interface Locals {
  pointer: (operand: number) => number;
  /** Four times a scalar. */
  scalar: (index: number) => number;
  operand: (index: number) => number;
  step: (index: number) => number;
  integers: number;
  vectors: number;
}

function localsOf({ operands, scalars, steps }: LaneRecipe): Locals {
  const pointers = parameters.scalars + scalars.length;
  const splats = pointers + operands;
  const values = splats + scalars.length;
  return {
    pointer: (operand) => pointers + operand,
    scalar: (index) => splats + index,
    operand: (index) => values + index,
    step: (index) => values + operands + index,
    integers: operands,
    vectors: scalars.length + operands + steps.length,
  };
}

/**
 * A WebAssembly module that carries out a recipe on a stretch of its arrays, which lie in its memory
 * one after another. Every element is read and written once, whatever the number of steps.
 */
export function laneModule(recipe: LaneRecipe): Uint8Array<ArrayBuffer> {
  const { scalars } = recipe;
  const types = [i32, i32, i32, ...scalars.map(() => f32)].map((type) => [type]);
  const shared = 0x03; // with a maximum
  const limits = [shared, ...unsigned(1), ...unsigned(mostPages)];
  return module([
    [1, list([[0x60, ...list(types), ...list([])]])],
    [2, list([[...name(laneImport.module), ...name(laneImport.memory), 0x02, ...limits]])],
    [3, list([unsigned(0)])],
    [7, list([[...name(laneExport), 0x00, ...unsigned(0)]])],
    [10, list([sized(body(recipe))])],
  ]);
}

function body(recipe: LaneRecipe): Bytes {
  const locals = localsOf(recipe);
  return [
    ...list([
      [...unsigned(locals.integers), i32],
      [...unsigned(locals.vectors), v128],
    ]),
    ...preparation(recipe, locals),
    ...repeatWhile(turn(recipe, locals)),
    ...instruction.end,
  ];
}

function preparation({ operands, scalars }: LaneRecipe, locals: Locals): Bytes {
  const pointers = Array.from({ length: operands }, (_, i) => [
    ...get(parameters.start),
    ...[...integer(i), ...get(parameters.stride), ...instruction.multiplyIntegers],
    ...instruction.addIntegers,
    ...set(locals.pointer(i)),
  ]);
  const splats = scalars.map((_, i) => [
    ...get(parameters.scalars + i),
    ...instruction.splat,
    ...set(locals.scalar(i)),
  ]);
  return [...pointers, ...splats].flat();
}

/** All steps for the next elements; leaves how many elements are left. */
function turn({ operands, steps, results }: LaneRecipe, locals: Locals): Bytes {
  const each = <T>(count: number, bytes: (index: number) => T[]): T[] =>
    Array.from({ length: count }, (_, i) => bytes(i)).flat();
  const term = (of: LaneTerm): Bytes => {
    if ("number" in of) return floats(of.number);
    if ("scalar" in of) return get(locals.scalar(of.scalar));
    return get("step" in of ? locals.step(of.step) : locals.operand(of.operand));
  };
  const read = each(operands, (i) => [
    ...[...get(locals.pointer(i)), ...instruction.load, ...set(locals.operand(i))],
  ]);
  const computed = steps.flatMap(({ op, terms }, i) => [
    ...(op === "Sign" ? signOf(term(terms[0]!)) : [...terms.flatMap(term), ...operations[op]]),
    ...set(locals.step(i)),
  ]);
  const written = results.flatMap(({ step, operand }) => [
    ...[...get(locals.pointer(operand)), ...get(locals.step(step)), ...instruction.store],
  ]);
  const moved = each(operands, (i) => [
    ...[...get(locals.pointer(i)), ...integer(bytesPerTurn), ...instruction.addIntegers],
    ...set(locals.pointer(i)),
  ]);
  const left = [
    ...[...get(parameters.count), ...integer(laneWidth), ...instruction.subtractIntegers],
    ...tee(parameters.count),
  ];
  return [...read, ...computed, ...written, ...moved, ...left];
}
