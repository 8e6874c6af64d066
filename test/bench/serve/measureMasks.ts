import type { JsonObject } from "../../../framework/base/json.ts";
import { constraintProcessor } from "../../../framework/constrained/constraint.ts";
import { temperature } from "../../../framework/decode/logitsProcessors/index.ts";
import { chatConstraint } from "../../../framework/serve/chat/chatConstraint.ts";
import { LanguageService } from "../../../framework/serve/languageService.ts";

export interface MaskMeasurement {
  /** Of all time that answers take, what goes to saying which tokens may come next. */
  readonly share: number;
  readonly tokens: number;
  readonly msPerMask: number;
}

const city = { type: "string", maxLength: 24 };
const count = { type: "integer", minimum: 0, maximum: 100_000 };
const object = (properties: JsonObject): JsonObject => ({
  ...{ type: "object", properties, required: Object.keys(properties), additionalProperties: false },
});

/** Forms that users ask for: plain fields, choices, lists, bounds, alternatives, dates. */
const schemas: readonly JsonObject[] = [
  object({ city, country: city }),
  object({ unit: { enum: ["celsius", "fahrenheit", "kelvin"] }, value: { type: "number" } }),
  object({ items: { type: "array", items: object({ name: city, count }), maxItems: 4 } }),
  object({ when: { type: "string", format: "date-time" }, guests: count }),
  object({ result: { anyOf: [object({ ok: { const: true } }), object({ error: city })] } }),
  object({ code: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" }, isOpen: { type: "boolean" } }),
];

/**
 * Time that masks take beside the steps of a model, one answer at a time: the first pass meets each
 * schema anew, the second one knows it.
 */
export async function measureMasks(folder: string, passes = 2): Promise<MaskMeasurement[]> {
  const service = LanguageService.open(folder, { name: "measured", rows: 1 });
  try {
    const measured: MaskMeasurement[] = [];
    for (let pass = 0; pass < passes; pass++) {
      measured.push(await measurePass(service, pass));
    }
    return measured;
  } finally {
    await service.close();
  }
}

async function measurePass(service: LanguageService, pass: number): Promise<MaskMeasurement> {
  let [masksMs, tokens] = [0, 0];
  const start = performance.now();
  for (const [i, schema] of schemas.entries()) {
    const json_schema = { name: "form", schema };
    const asked = chatConstraint({
      ...{ model: "", messages: [], response_format: { type: "json_schema", json_schema } },
    });
    const prompt = service.tokenizer.textIds(
      service.template.render([{ role: "user", content: `Fill in form ${i}.` }]),
    );
    const masked = constraintProcessor({
      constraint: service.constraint(asked!),
      ...{ promptLength: prompt.length, maxNewTokens: 96, endTokens: service.endTokens },
    });
    const answer = service.scheduler.add({
      prompt: { tokens: prompt },
      ...{ maxNewTokens: 97, stopTokens: service.endTokens, seed: 100 * pass + i },
      processors: [
        (...given) => {
          const begun = performance.now();
          const logits = masked(...given);
          masksMs += performance.now() - begun;
          return logits;
        },
        temperature(1),
      ],
    });
    for await (const _ of answer) tokens++;
  }
  const share = masksMs / (performance.now() - start);
  return { share, tokens, msPerMask: masksMs / tokens };
}
