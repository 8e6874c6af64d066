import type { JsonObject } from "../../../framework/base/json.ts";
import { constraintProcessor } from "../../../framework/constrained/constraint.ts";
import { temperature } from "../../../framework/decode/logitsProcessors/index.ts";
import { chatConstraint } from "../../../framework/serve/chat/chatConstraint.ts";
import { LanguageService } from "../../../framework/serve/languageService.ts";
import { median } from "../statistics.ts";

export interface MaskMeasurement {
  /** Answers that are made at once. */
  readonly rows: number;
  readonly schemas: "first of all" | "new" | "known";
  /** Of all time that answers take, what they wait for being told which tokens may come next. */
  readonly share: number;
  readonly tokens: number;
  /** Of the wait: masks and their use, and what is made once for each schema. */
  readonly msPerToken: number;
  /** Of what is done meanwhile, as the model computes. */
  readonly meanwhileMsPerToken: number;
}

const city = { type: "string", maxLength: 24 };
const count = { type: "integer", minimum: 0, maximum: 100_000 };
const object = (properties: JsonObject): JsonObject => ({
  ...{ type: "object", properties, required: Object.keys(properties), additionalProperties: false },
});

/** Forms that users ask for: plain fields, choices, lists, bounds, alternatives, dates. */
const schemasOf = (name: string): readonly JsonObject[] => [
  object({ [`${name}City`]: city, country: city }),
  object({ [`${name}Unit`]: { enum: ["celsius", "kelvin"] }, value: { type: "number" } }),
  object({ [`${name}s`]: { type: "array", items: object({ name: city, count }), maxItems: 4 } }),
  object({ [`${name}At`]: { type: "string", format: "date-time" }, guests: count }),
  object({ [name]: { anyOf: [object({ ok: { const: true } }), object({ error: city })] } }),
  object({ [name]: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" }, open: { type: "boolean" } }),
];

/**
 * Time that masks take beside the steps of a model, so many answers at a time. What is first of all
 * is so in a process that made no mask before; later schemas differ in their names, and are then
 * asked for once more. Medians of all but the first.
 */
export async function measureMasks(
  folder: string,
  { rows = 1, passes = 9 }: { rows?: number; passes?: number } = {},
): Promise<MaskMeasurement[]> {
  const service = LanguageService.open(folder, { name: "measured", rows });
  try {
    const first = await measurePass(service, rows, "first");
    const [fresh, known]: [Pass[], Pass[]] = [[], []];
    for (let pass = 0; pass < passes; pass++) {
      fresh.push(await measurePass(service, rows, `own${pass}`));
      known.push(await measurePass(service, rows, `own${pass}`, 1000));
    }
    return [
      { rows, schemas: "first of all", ...first },
      { rows, schemas: "new", ...middle(fresh) },
      { rows, schemas: "known", ...middle(known) },
    ];
  } finally {
    await service.close();
  }
}

type Pass = Omit<MaskMeasurement, "rows" | "schemas">;

const middle = (passes: readonly Pass[]): Pass => ({
  share: median(passes.map(({ share }) => share)),
  tokens: median(passes.map(({ tokens }) => tokens)),
  msPerToken: median(passes.map(({ msPerToken }) => msPerToken)),
  meanwhileMsPerToken: median(passes.map(({ meanwhileMsPerToken: each }) => each)),
});

interface Spent {
  masksMs: number;
  meanwhileMs: number;
  tokens: number;
}

async function measurePass(
  service: LanguageService,
  rows: number,
  name: string,
  firstSeed = 0,
): Promise<Pass> {
  const spent: Spent = { masksMs: 0, meanwhileMs: 0, tokens: 0 };
  const schemas = schemasOf(name);
  const start = performance.now();
  if (rows === 1) {
    for (const [i, schema] of schemas.entries()) await fill(service, schema, firstSeed + i, spent);
  } else {
    const texts = Array.from({ length: rows }, (_, i) => schemas[i % schemas.length]!);
    await Promise.all(texts.map((schema, i) => fill(service, schema, firstSeed + i, spent)));
  }
  const share = spent.masksMs / (performance.now() - start);
  return {
    ...{ share, tokens: spent.tokens, msPerToken: spent.masksMs / spent.tokens },
    meanwhileMsPerToken: spent.meanwhileMs / spent.tokens,
  };
}

/** Has one form filled in. */
async function fill(
  service: LanguageService,
  schema: JsonObject,
  seed: number,
  spent: Spent,
): Promise<void> {
  const timed = <Result>(what: "masksMs" | "meanwhileMs", work: () => Result): Result => {
    const begun = performance.now();
    const result = work();
    spent[what] += performance.now() - begun;
    return result;
  };
  const prompt = service.tokenizer.textIds(
    service.template.render([{ role: "user", content: "Fill in the form." }]),
  );
  const masked = timed("masksMs", () => {
    const json_schema = { name: "form", schema };
    const response_format = { type: "json_schema" as const, json_schema };
    const asked = chatConstraint({ model: "", messages: [], response_format });
    return constraintProcessor({
      constraint: service.constraint(asked!),
      ...{ promptLength: prompt.length, maxNewTokens: 96, endTokens: service.endTokens },
    });
  });
  const mask = Object.assign(
    (logits: Float32Array, ids: ArrayLike<number>) => timed("masksMs", () => masked(logits, ids)),
    { prepare: (ids: ArrayLike<number>) => timed("meanwhileMs", () => masked.prepare(ids)) },
  );
  const answer = service.scheduler.add({
    prompt: { tokens: prompt },
    ...{ maxNewTokens: 97, stopTokens: service.endTokens, seed },
    processors: [mask, temperature(1)],
  });
  for await (const _ of answer) spent.tokens++;
}
