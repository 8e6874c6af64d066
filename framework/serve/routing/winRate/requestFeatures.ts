import { isJsonObject, type JsonValue } from "../../../base/json.ts";
import { hash32 } from "../../../base/random.ts";
import { markersOf } from "../markers.ts";
import { lastUserText, userText } from "../requestText.ts";
import type { RoutedRequest } from "../router.ts";

const counts = [
  "promptTokens",
  "lastLength",
  "userTurns",
  "tools",
  "schemaDepth",
  "pictures",
  "hasFormat",
  "hasResults",
  "code",
  "reasoning",
  "technical",
  "simple",
  "steps",
  "questions",
  "digits",
  "capitals",
] as const;
type CountedFeature = (typeof counts)[number];

/** Numbers that a request is known by, before those of its words. */
export const countedFeatures: readonly CountedFeature[] = counts;

/**
 * A request as numbers, all about [0, 1]: {@link countedFeatures}, then words and pairs of words of
 * what the user said last, hashed into buckets. Digits are all alike there.
 *
 * Source: Weinberger et al. 2009, arXiv:0902.2206 (hashed words).
 *
 * @returns `[countedFeatures.length + buckets]`
 */
export function requestFeatures(routed: RoutedRequest, buckets: number): Float32Array {
  const counted = countedOf(routed);
  const features = new Float32Array(countedFeatures.length + buckets);
  for (const [i, name] of countedFeatures.entries()) features[i] = counted[name];
  const words = wordsOf(lastUserText(routed.request.messages));
  const share = 1 / Math.sqrt(Math.max(1, words.length));
  for (const word of words) features[countedFeatures.length + (hash32(word) % buckets)]! += share;
  return features;
}

function countedOf({
  request: { messages, tools = [], response_format: format },
  promptTokens,
}: RoutedRequest): Record<CountedFeature, number> {
  const last = lastUserText(messages);
  const { code, reasoning, technical, simple, steps, questions } = markersOf(userText(messages));
  const schemas = tools.map(({ function: each }) => depthOf(each.parameters ?? {}));
  const pictures = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const shareOf = (pattern: RegExp): number =>
    (last.match(pattern)?.length ?? 0) / Math.max(1, last.length);
  return {
    promptTokens: Math.log2(1 + promptTokens) / 10,
    lastLength: Math.log2(1 + last.length) / 10,
    userTurns: upTo(8, messages.filter(({ role }) => role === "user").length),
    tools: Math.log2(1 + tools.length) / 5,
    schemaDepth: upTo(8, Math.max(0, ...schemas)),
    pictures: upTo(4, pictures.filter(({ type }) => type === "image_url").length),
    hasFormat: format && format.type !== "text" ? 1 : 0,
    hasResults: messages.some(({ role }) => role === "tool") ? 1 : 0,
    code: upTo(4, code),
    reasoning: upTo(4, reasoning),
    technical: upTo(4, technical),
    simple: upTo(2, simple),
    steps: upTo(4, steps),
    questions: upTo(4, questions),
    digits: shareOf(/\p{N}/gu),
    capitals: shareOf(/\p{Lu}/gu),
  };
}

const upTo = (most: number, count: number): number => Math.min(most, count) / most;

/** Schemas within schemas; 1 for one without any. */
function depthOf(value: JsonValue): number {
  const parts = isJsonObject(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  const inner = parts.reduce<number>((most, part) => Math.max(most, depthOf(part)), 0);
  return isJsonObject(value) && "type" in value ? inner + 1 : inner;
}

function wordsOf(text: string): string[] {
  const words = text
    .toLowerCase()
    .replaceAll(/\p{N}/gu, "0")
    .match(/[\p{L}\p{M}0]+|[^\s\p{L}\p{M}0]/gu);
  const all = ["^", ...(words ?? []), "$"];
  return [...all.slice(1, -1), ...all.slice(1).map((word, i) => `${all[i]} ${word}`)];
}
