import { imageToken, renderChat } from "../data/chat.ts";

/**
 * The dialogue about a picture, whose image tokens come first; without an answer it ends where the
 * assistant begins.
 */
export function pictureText(question: string, imageTokens: number, answer?: string): string {
  const user = { role: "user", content: imageToken.repeat(imageTokens) + question } as const;
  if (answer === undefined) return renderChat([user], { addGenerationPrompt: true });
  return renderChat([user, { role: "assistant", content: answer }]);
}
