import { drawnPictures } from "../pictures/drawnPictures.ts";
import { emojiPictures } from "../pictures/emojiPictures.ts";
import type { Picture } from "../pictures/picture.ts";
import { inventTools } from "../tools/invented.ts";
import { type ChatMessage, renderChat } from "./chat.ts";
import { commonNouns } from "./commonNouns.ts";
import { countryQuestions } from "./countryQuestions.ts";
import { type Dialogue, dialogues } from "./dialogues.ts";
import { echoes } from "./echoes.ts";
import { evaluationSets, type NanoEvaluation } from "./evaluationSets.ts";
import type { NanoSettings, NanoSource } from "./nanoSettings.ts";
import { dictionary, type Prose, speeches } from "./prose.ts";
import type { Question } from "./question.ts";
import { ruleQuestions } from "./ruleQuestions.ts";
import { placeOf, type Split } from "./split.ts";
import { readWordNet, type WordNet } from "./wordNet.ts";
import { wordQuestions } from "./wordQuestions.ts";

/** How many are drawn at scale 1. */
const counts = {
  train: 20_000,
  validation: 500,
  test: 500,
  heldOut: 500,
  invented: 15_000,
  inventedTools: 4000,
  echoes: 30_000,
  rules: 40_000,
  drawn: 6000,
  variants: 3,
};

/** A dialogue as one text. */
export interface ChatText {
  readonly source: string;
  readonly split: Split;
  readonly text: string;
}

export interface Texts {
  readonly prose: readonly Prose[];
  readonly chat: readonly ChatText[];
  readonly pictures: readonly Picture[];
  readonly evaluation: NanoEvaluation;
  /** What the tokenizer learns from: the training split of all. */
  trainTexts(): Generator<string>;
}

/** All sources, before they are encoded. */
export async function gatherTexts(settings: NanoSettings): Promise<Texts> {
  const has = (source: NanoSource): boolean => settings.sources.includes(source);
  const needsWordNet = (["dictionary", "words", "invented", "echoes"] as const).some(has);
  const wordNet = needsWordNet ? readWordNet() : undefined;
  const kept = (key: string): boolean => placeOf(`kept/${key}`) < settings.scale;
  const prose = [
    ...(has("speeches") ? speeches() : []),
    ...(wordNet && has("dictionary") ? dictionary(wordNet) : []),
  ].filter(({ text }) => kept(text));
  const facts = [
    ...(wordNet && has("words") ? wordQuestions(wordNet) : []),
    ...(has("countries") ? countryQuestions() : []),
  ].filter(({ question }) => kept(question));
  const rules = has("rules") ? ruleQuestions(drawn(settings, "rules")) : [];
  const questions = [...facts, ...rules];
  const talks = drawTalks(settings);
  const chat = [
    ...questions.map(chatOf),
    ...talks.train.map((each) => dialogueText("tools", "train", each)),
    ...(wordNet && has("invented")
      ? inventedTalks(settings, wordNet).map((each) => dialogueText("invented", "train", each))
      : []),
    ...(wordNet && has("echoes") ? echoTexts(settings, wordNet) : []),
    ...talks.validation.map((each) => dialogueText("tools", "validation", each)),
    ...talks.test.map((each) => dialogueText("tools", "test", each)),
    ...talks.heldOut.map((each) => dialogueText("toolsHeldOut", "test", each)),
  ];
  const pictures = await gatherPictures(settings);
  return {
    prose,
    chat,
    pictures,
    evaluation: evaluationSets(questions, talks),
    *trainTexts() {
      for (const { split, text } of [...prose, ...chat]) if (split === "train") yield text;
      for (const { split, questions: asked } of pictures) {
        if (split === "train") for (const each of asked) yield renderChat(questionMessages(each));
      }
    },
  };
}

/** How many are drawn of something, at this scale. */
function drawn({ seed, scale }: NanoSettings, what: keyof typeof counts) {
  return { seed, count: Math.max(10, Math.round(counts[what] * scale)) };
}

function drawTalks(
  settings: NanoSettings,
): Record<"train" | "validation" | "test" | "heldOut", Dialogue[]> {
  if (!settings.sources.includes("tools")) {
    return { train: [], validation: [], test: [], heldOut: [] };
  }
  return {
    train: dialogues({ ...drawn(settings, "train"), split: "train" }),
    validation: dialogues({ ...drawn(settings, "validation"), split: "validation" }),
    test: dialogues({ ...drawn(settings, "test"), split: "test" }),
    heldOut: dialogues({ ...drawn(settings, "heldOut"), split: "test", heldOut: true }),
  };
}

/** Training's alone: what they teach is measured by the functions that are held out. */
function inventedTalks(settings: NanoSettings, wordNet: WordNet): Dialogue[] {
  const words = commonNouns(wordNet);
  const invented = inventTools({ ...drawn(settings, "inventedTools"), words });
  return dialogues({ ...drawn(settings, "invented"), split: "train", invented });
}

/** Training's alone, too. */
function echoTexts(settings: NanoSettings, wordNet: WordNet): ChatText[] {
  const options = { ...drawn(settings, "echoes"), words: commonNouns(wordNet) };
  return echoes(options).map((each): ChatText => ({
    ...{ source: "echoes", split: "train" },
    text: renderChat(questionMessages(each)),
  }));
}

async function gatherPictures(settings: NanoSettings): Promise<Picture[]> {
  const { seed, scale, sources } = settings;
  const variants = scale < 1 ? 1 : counts.variants;
  return [
    ...(sources.includes("emoji") ? await emojiPictures({ seed, variants, share: scale }) : []),
    ...(sources.includes("drawn") ? await drawnPictures(drawn(settings, "drawn")) : []),
  ];
}

/** A question and its answer as two messages. */
function questionMessages({
  question,
  answer,
}: {
  question: string;
  answer: string;
}): ChatMessage[] {
  return [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ];
}

function chatOf(question: Question): ChatText {
  const { source, split } = question;
  return { source, split, text: renderChat(questionMessages(question)) };
}

function dialogueText(source: string, split: Split, { messages, tools }: Dialogue): ChatText {
  return { source, split, text: renderChat(messages, { tools }) };
}
