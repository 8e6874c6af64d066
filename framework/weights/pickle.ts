import { InputError } from "../base/errors.ts";
import { PickleReader } from "./pickleReader.ts";

/** What a pickle can hold here. Dictionaries are maps, tuples and sets are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleObject
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

/** A function or class that a pickle names. It is never called: what it stands for is. */
export class PickleGlobal {
  readonly name: string;

  /** @param name module and name, such as `collections.OrderedDict` */
  constructor(name: string) {
    this.name = name;
  }
}

/** Base of what {@link PickleRules} make of a pickle's globals and references. */
export abstract class PickleObject {
  /** Which kind it is, for messages. */
  abstract readonly kind: string;
}

/** What a pickle may refer to. Everything else is refused by name. */
export interface PickleRules {
  /**
   * What each allowed global gives for its arguments; `undefined` for one that may be named, but
   * not called.
   */
  readonly globals: ReadonlyMap<string, ((args: PickleValue[]) => PickleValue) | undefined>;
  /** What a persistent id, which refers to something outside of the pickle, stands for. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

/**
 * Reads a pickle as data: a stack machine of which no instruction can run code. Functions and
 * classes are looked up in a table of ours and nowhere else.
 *
 * Source: CPython's Lib/pickletools.py, which describes each instruction; protocols 0 to 5 as far
 * as torch.save uses them.
 *
 * @param source file and entry, for messages
 * @throws {InputError} naming a global outside of the rules, or what is damaged
 */
export function readPickle(bytes: Uint8Array, source: string, rules: PickleRules): PickleValue {
  const machine = new Machine(new PickleReader(bytes, source), source, rules);
  return machine.run();
}

/** Where a list, tuple or dictionary begins on the stack. */
const mark = Symbol("mark");

class Machine {
  readonly #reader: PickleReader;
  readonly #source: string;
  readonly #rules: PickleRules;
  readonly #stack: (PickleValue | typeof mark)[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(reader: PickleReader, source: string, rules: PickleRules) {
    this.#reader = reader;
    this.#source = source;
    this.#rules = rules;
  }

  run(): PickleValue {
    for (;;) {
      const code = this.#reader.byte();
      if (code === stopCode) return this.#pop();
      const instruction = instructions.get(code);
      if (!instruction) {
        const where = this.#reader.position - 1;
        throw this.#problem(`instruction 0x${code.toString(16)} at byte ${where} is not supported`);
      }
      instruction(this, this.#reader);
    }
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  mark(): void {
    this.#stack.push(mark);
  }

  pop(): PickleValue {
    return this.#pop();
  }

  /** Removes the top, even if it is a mark. */
  drop(): void {
    if (this.#stack.pop() === undefined) throw this.#problem("its stack is empty");
  }

  top(): PickleValue {
    const value = this.#pop();
    this.push(value);
    return value;
  }

  /** Everything above the last mark, which goes, too. */
  popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw this.#problem("it ends a list that it did not begin");
    return this.#stack.splice(at).filter((value) => value !== mark);
  }

  popSome(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#pop()).toReversed();
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  get memoSize(): number {
    return this.#memo.size;
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#problem(`it recalls ${index}, which it did not remember`);
    this.push(value);
  }

  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.#problem("it appends to what is no list");
    for (const value of values) list.push(value);
  }

  setItems(pairs: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map) || pairs.length % 2 === 1) {
      throw this.#problem("it sets items of what is no dictionary");
    }
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i]!, pairs[i + 1]!);
  }

  /** @throws {InputError} by name, unless the rules allow it */
  global(module: PickleValue | undefined, name: PickleValue | undefined): void {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.#problem("it refers to something without a name");
    }
    const full = `${module}.${name}`;
    if (!this.#rules.globals.has(full)) {
      throw new InputError(
        `Cannot read ${this.#source}: it refers to ${full}, and only tensors are read from pickles, because others can run any code; save the weights as safetensors where you trust the file`,
      );
    }
    this.push(new PickleGlobal(full));
  }

  call(): void {
    const [callee, args] = this.popSome(2);
    const name = callee instanceof PickleGlobal ? callee.name : undefined;
    const give = name === undefined ? undefined : this.#rules.globals.get(name);
    if (!give || !Array.isArray(args)) {
      throw this.#problem(`it calls ${name ?? "what is no function"}, which is not allowed`);
    }
    this.push(give(args));
  }

  /** A call whose arguments stand before the name. */
  instance(module: string, name: string): void {
    const args = this.popToMark();
    this.global(module, name);
    this.push(args);
    this.call();
  }

  persistent(): void {
    this.push(this.#rules.persistent(this.#pop()));
  }

  /** Attributes of an object, of which none is needed. */
  build(): void {
    this.#pop();
    const target = this.top();
    if (target instanceof Map || target instanceof PickleObject) return;
    throw this.#problem("it sets attributes of what has none");
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw this.#problem("its stack is empty");
    return value;
  }

  #problem(problem: string): InputError {
    return new InputError(`Cannot read ${this.#source}: damaged or foreign pickle: ${problem}`);
  }
}

type Instruction = (machine: Machine, reader: PickleReader) => void;

function mapOf(pairs: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  const map = new Map<PickleValue, PickleValue>();
  for (let i = 0; i + 1 < pairs.length; i += 2) map.set(pairs[i]!, pairs[i + 1]!);
  return map;
}

const stopCode = 0x2e;

/** Every instruction we run, by its code. Codes that are letters are those of pickletools. */
const instructions: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  [0x80, (_, reader) => void reader.byte()], // protocol
  [0x95, (_, reader) => void reader.long8()], // frame
  // constants
  [code("N"), (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  [code("J"), (machine, reader) => machine.push(reader.int4())],
  [code("K"), (machine, reader) => machine.push(reader.byte())],
  [code("M"), (machine, reader) => machine.push(reader.uint2())],
  [0x8a, (machine, reader) => machine.push(reader.long(reader.byte()))],
  [0x8b, (machine, reader) => machine.push(reader.long(reader.uint4()))],
  [code("G"), (machine, reader) => machine.push(reader.double())],
  // texts and bytes
  [code("X"), (machine, reader) => machine.push(reader.text(reader.uint4()))],
  [0x8c, (machine, reader) => machine.push(reader.text(reader.byte()))],
  [0x8d, (machine, reader) => machine.push(reader.text(reader.long8()))],
  [code("U"), (machine, reader) => machine.push(reader.latin1(reader.byte()))],
  [code("T"), (machine, reader) => machine.push(reader.latin1(reader.uint4()))],
  [code("C"), (machine, reader) => machine.push(reader.bytes(reader.byte()))],
  [code("B"), (machine, reader) => machine.push(reader.bytes(reader.uint4()))],
  [0x8e, (machine, reader) => machine.push(reader.bytes(reader.long8()))],
  // collections
  [code("("), (machine) => machine.mark()],
  [code(")"), (machine) => machine.push([])],
  [code("]"), (machine) => machine.push([])],
  [code("}"), (machine) => machine.push(new Map())],
  [0x8f, (machine) => machine.push([])],
  [code("t"), (machine) => machine.push(machine.popToMark())],
  [code("l"), (machine) => machine.push(machine.popToMark())],
  [0x91, (machine) => machine.push(machine.popToMark())],
  [code("d"), (machine) => machine.push(mapOf(machine.popToMark()))],
  [0x85, (machine) => machine.push(machine.popSome(1))],
  [0x86, (machine) => machine.push(machine.popSome(2))],
  [0x87, (machine) => machine.push(machine.popSome(3))],
  [code("a"), (machine) => machine.append(machine.popSome(1))],
  [code("e"), (machine) => machine.append(machine.popToMark())],
  [0x90, (machine) => machine.append(machine.popToMark())],
  [code("s"), (machine) => machine.setItems(machine.popSome(2))],
  [code("u"), (machine) => machine.setItems(machine.popToMark())],
  // stack and memo
  [code("0"), (machine) => machine.drop()],
  [code("1"), (machine) => void machine.popToMark()],
  [code("2"), (machine) => machine.push(machine.top())],
  [code("q"), (machine, reader) => machine.remember(reader.byte())],
  [code("r"), (machine, reader) => machine.remember(reader.uint4())],
  [0x94, (machine) => machine.remember(machine.memoSize)],
  [code("h"), (machine, reader) => machine.recall(reader.byte())],
  [code("j"), (machine, reader) => machine.recall(reader.uint4())],
  // functions and objects
  [code("c"), (machine, reader) => machine.global(reader.line(), reader.line())],
  [code("i"), (machine, reader) => machine.instance(reader.line(), reader.line())],
  [
    0x93,
    (machine) => {
      const [module, name] = machine.popSome(2);
      machine.global(module, name);
    },
  ],
  [code("R"), (machine) => machine.call()],
  [0x81, (machine) => machine.call()],
  [code("Q"), (machine) => machine.persistent()],
  [code("b"), (machine) => machine.build()],
]);

function code(letter: string): number {
  return letter.charCodeAt(0);
}
