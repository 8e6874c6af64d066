import { type JsonObject, RandomStream } from "seedbed";

import { isHeldOut, tools } from "../tools/index.ts";
import { fill, pick, several, type DrawnCall, type Tool } from "../tools/tool.ts";
import { callKey } from "./callKey.ts";
import { toolSpec, type ChatMessage, type ToolCall, type ToolSpec } from "./chat.ts";
import { checkedCall } from "./checkedCall.ts";
import { hasFewCalls } from "./fewCalls.ts";
import { drawSmallTalk } from "./smallTalk.ts";
import { splitOf, type Split } from "./split.ts";

/** How a dialogue goes. */
export type DialogueKind = "single" | "parallel" | "followUp" | "missing" | "noCall";

export interface Dialogue {
  readonly kind: DialogueKind;
  readonly tools: readonly ToolSpec[];
  readonly messages: readonly ChatMessage[];
}

export interface DialogueOptions {
  seed: number;
  /**
   * Calls of one split are in no other: a hash of name and arguments decides. All have those of
   * functions with few (`hasFewCalls`).
   */
  split: Split;
  count: number;
  /** With the functions that are kept for the test, and no others. */
  heldOut?: boolean;
  /** With these functions, and no others, whatever they are called with, and few to choose from. */
  invented?: readonly Tool[];
}

const shares: readonly (readonly [DialogueKind, number])[] = [
  ["single", 0.5],
  ["parallel", 0.15],
  ["followUp", 0.13],
  ["missing", 0.1],
  ["noCall", 0.12],
];

const systemPrompts = [
  "You are a helpful assistant.",
  "You are a helpful assistant. Call a function when one fits.",
  "Answer briefly.",
  "Use the functions when they help.",
];

/** Dialogues with functions; number `i` is a pure function of the options and `i`. */
export function dialogues(options: DialogueOptions): Dialogue[] {
  return Array.from({ length: options.count }, (_, i) => drawDialogue(options, i));
}

function drawDialogue(options: DialogueOptions, i: number): Dialogue {
  const { seed, split, heldOut = false, invented } = options;
  const which = invented ? "invented" : heldOut;
  const random = new RandomStream(seed, `dialogues/${split}/${which}`, i);
  const writer = new DialogueWriter(random, {
    functions: invented ? someOf(random, invented) : heldOut ? heldOutTools : knownTools,
    mostOthers: invented ? 1 : 3,
    ...(!heldOut && !invented && { split }),
  });
  const kind = drawKind(random);
  writer.system();
  writers[kind](writer);
  return writer.finish(kind);
}

/** Neighbours of many functions that are in no order: a dialogue offers fewer than these. */
function someOf(random: RandomStream, many: readonly Tool[]): readonly Tool[] {
  const count = Math.min(8, many.length);
  const start = random.integer(many.length - count + 1);
  return many.slice(start, start + count);
}

function drawKind(random: RandomStream): DialogueKind {
  let place = random.uniform();
  for (const [kind, share] of shares) {
    if (place < share) return kind;
    place -= share;
  }
  return "single";
}

const writers: Readonly<Record<DialogueKind, (writer: DialogueWriter) => void>> = {
  single(writer) {
    const request = writer.draw();
    writer.user(writer.ask(request));
    writer.call([request]);
    writer.say([request]);
  },
  parallel(writer) {
    const first = writer.draw();
    const second = writer.sameTwice() ? writer.draw(first) : writer.draw();
    const isSame = second.tool === first.tool && second.tool.then.length > 0;
    writer.user(`${writer.ask(first)} ${isSame ? writer.askNext(second) : writer.ask(second)}`);
    writer.call([first, second]);
    writer.say([first, second]);
  },
  followUp(writer) {
    const first = writer.draw();
    writer.user(writer.ask(first));
    writer.call([first]);
    writer.say([first]);
    const second = writer.draw(first);
    writer.user(second.tool.then.length > 0 ? writer.askNext(second) : writer.ask(second));
    writer.call([second]);
    writer.say([second]);
  },
  missing(writer) {
    const request = writer.drawIncomplete();
    if (request) {
      writer.clarify(request);
      writer.call([request]);
      writer.say([request]);
    } else writers.single(writer);
  },
  noCall(writer) {
    const { question, answer } = drawSmallTalk(writer.random);
    writer.user(question);
    writer.assistant(answer);
    writer.offerAny();
  },
};

/** A call that a user wants, with its result. */
interface Request {
  readonly tool: Tool;
  readonly call: DrawnCall;
  readonly result: JsonObject;
  /** What templates are filled with. */
  readonly values: JsonObject;
}

class DialogueWriter {
  readonly random: RandomStream;
  readonly #messages: ChatMessage[] = [];
  readonly #used = new Set<Tool>();
  readonly #functions: readonly Tool[];
  readonly #mostOthers: number;
  readonly #split: Split | undefined;
  #calls = 0;

  /**
   * @param options `mostOthers`: functions that are offered and not called; `split`: of the calls;
   *   absent: whatever they are
   */
  constructor(
    random: RandomStream,
    options: { functions: readonly Tool[]; mostOthers: number; split?: Split },
  ) {
    this.random = random;
    this.#functions = options.functions;
    this.#mostOthers = options.mostOthers;
    this.#split = options.split;
  }

  system(): void {
    if (this.random.uniform() < 0.4) return;
    this.#messages.push({ role: "system", content: pick(this.random, systemPrompts) });
  }

  user(content: string): void {
    this.#messages.push({ role: "user", content });
  }

  assistant(content: string): void {
    this.#messages.push({ role: "assistant", content });
  }

  sameTwice(): boolean {
    return this.random.uniform() < 0.6;
  }

  /** @param like another request, whose function is used again with other arguments */
  draw(like?: Request): Request {
    return (like && this.#drawFor(like.tool, like)) ?? this.#drawFrom(this.#functions);
  }

  drawIncomplete(): Request | undefined {
    const candidates = this.#functions.filter(({ incomplete }) => incomplete.length > 0);
    return candidates.length === 0 ? undefined : this.#drawFrom(candidates);
  }

  ask({ tool, values }: Request): string {
    return fill(pick(this.random, tool.asks), values);
  }

  askNext({ tool, values }: Request): string {
    return fill(pick(this.random, tool.then), values);
  }

  /** A request that lacks something, the question for it, and what was lacking. */
  clarify({ tool, values }: Request): void {
    const { ask, question } = pick(this.random, tool.incomplete);
    this.user(fill(ask, values));
    this.assistant(fill(question, values));
    this.user(missingValues(tool, ask, values));
  }

  /** The assistant's calls, then their results. */
  call(requests: readonly Request[]): void {
    const calls = requests.map(({ tool, call }): ToolCall => ({
      id: `call_${++this.#calls}`,
      type: "function",
      function: { name: tool.name, arguments: JSON.stringify(call.arguments) },
    }));
    this.#messages.push({ role: "assistant", content: null, tool_calls: calls });
    for (const [i, { result }] of requests.entries()) {
      const content = JSON.stringify(result);
      this.#messages.push({ role: "tool", content, tool_call_id: calls[i]!.id });
    }
  }

  say(requests: readonly Request[]): void {
    this.assistant(
      requests
        .map(({ tool, values, result }) =>
          fill(pick(this.random, tool.says), { ...values, ...result }),
        )
        .join(" "),
    );
  }

  /** Functions that have nothing to do with the question; sometimes none. */
  offerAny(): void {
    const count = this.random.integer(this.#mostOthers + 1);
    for (const each of several(this.random, this.#functions, count)) this.#used.add(each);
  }

  finish(kind: DialogueKind): Dialogue {
    const others = this.#functions.filter((each) => !this.#used.has(each));
    const count = kind === "noCall" ? 0 : this.random.integer(this.#mostOthers + 1);
    const distractors = several(this.random, others, count);
    const offered = [...this.#used, ...distractors];
    return {
      kind,
      tools: several(this.random, offered, offered.length).map(toolSpec),
      messages: this.#messages,
    };
  }

  /** The first function, in random order, that has a call in this split. */
  #drawFrom(candidates: readonly Tool[]): Request {
    for (const tool of several(this.random, candidates, candidates.length)) {
      const request = this.#drawFor(tool);
      if (request) return request;
    }
    throw new RangeError(
      `Cannot draw a call for ${this.#split ?? "any split"}: expected a function with one`,
    );
  }

  /** Undefined where a function has so few arguments that none was found. */
  #drawFor(tool: Tool, unlike?: Request): Request | undefined {
    const split = this.#split && !hasFewCalls(tool) ? this.#split : undefined;
    for (let attempt = 0; attempt < 200; attempt++) {
      const call = tool.draw(this.random);
      const key = callKey(tool.name, call.arguments);
      if (unlike && key === callKey(unlike.tool.name, unlike.call.arguments)) continue;
      if (split !== undefined && splitOf(key) !== split) continue;
      const result = checkedCall(tool, call.arguments);
      this.#used.add(tool);
      return { tool, call, result, values: { ...call.arguments, ...call.words } };
    }
    return undefined;
  }
}

const knownTools = tools.filter((each) => !isHeldOut(each));
const heldOutTools = tools.filter(isHeldOut);

/** The arguments that a request did not name, in the order of the function's. */
function missingValues({ parameters }: Tool, ask: string, values: JsonObject): string {
  const missing = parameters.required.filter((name) => !ask.includes(`{${name}}`));
  return fill(missing.map((name) => `{${name}}`).join(", "), values);
}
