/** @file What a text's words say about how hard it is to answer. */

const wordsOf = (words: string): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\p{N}_])(?:${words
      .trim()
      .split(/\s*\n\s*|,\s*/)
      .join("|")})(?![\\p{L}\\p{N}_])`,
    "giu",
  );

const code = wordsOf(`function, class, def, async, await, import, return, variable, loop, array,
  database, sql, query, regex, api, json, html, css, javascript, typescript, python, java, rust,
  compile, compiler, debug, exception, stack trace, refactor, code, script, algorithm, repository`);
const codeSigns = /```|=>|\b\w+\(\)|[{};]\s*$|<\/\w+>/gm;
const reasoning = wordsOf(`step by step, think through, reason, reasoning, explain why, why, prove,
  proof, derive, deduce, analyze, analyse, compare, contrast, evaluate, trade-?offs?, pros and cons,
  implications?, justify, let's think`);
const technical = wordsOf(`architecture, distributed, concurren(?:t|cy), consensus, latency,
  throughput, encryption, protocol, kernel, scheduler, microservices?, kubernetes, machine learning,
  neural network, gradient, matrix, integral, derivative, equation, theorem, probability, polynomial,
  prime factors?, logarithm, quantum, thermodynamics?, genome, hypothesis, optimi[sz]ation`);
const simple = wordsOf(`what is, what's, who is, who was, define, definition of, when was, where is,
  capital of, how do you spell, translate, hello, hi, thanks, thank you`);
/** What begins a step; `first` is one with a `then` after it. */
const stepSigns =
  /\bfirst\b|\bafter that\b|\bfinally\b|^[^\S\r\n\u2028\u2029]*\d+[.)]\s|\bstep \d/gim;

/** How often each kind of mark is in a text. */
export interface Markers {
  readonly code: number;
  readonly reasoning: number;
  readonly technical: number;
  readonly simple: number;
  readonly steps: number;
  readonly questions: number;
}

/** All of the text is looked through once for each kind, whatever it is. */
export function markersOf(text: string): Markers {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return {
    code: count(code) + count(codeSigns),
    reasoning: count(reasoning),
    technical: count(technical),
    simple: count(simple),
    steps: stepsOf(text),
    questions: count(/\?/g),
  };
}

/** What is between a `first` and its `then` is one step. */
function stepsOf(text: string): number {
  const signs = new RegExp(stepSigns);
  const thens = /\bthen\b/gi;
  let found = 0;
  let hasThen = true;
  for (let sign = signs.exec(text); sign; sign = signs.exec(text)) {
    if (sign[0].toLowerCase() !== "first") found++;
    else if (hasThen) {
      thens.lastIndex = signs.lastIndex;
      hasThen = thens.test(text);
      if (!hasThen) continue;
      found++;
      signs.lastIndex = thens.lastIndex;
    }
  }
  return found;
}
