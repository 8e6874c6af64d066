import {
  readPromptWeights,
  textToImage,
  type Compile,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

/** Draws by prompts as they are trained under: brackets are text, and no weights. */
export const literalTextToImage = (components: PipelineComponents, compile: Compile): TextToImage =>
  textToImage(components, compile, { weighted: false });

/** Whether a prompt is the same text where its brackets are read as weights. */
export function isPlain(prompt: string): boolean {
  const sections = readPromptWeights(prompt);
  const pieces = sections.flat();
  return (
    sections.length === 1 &&
    pieces.every(({ weight }) => weight === 1) &&
    pieces.map(({ text }) => text).join("") === prompt
  );
}
