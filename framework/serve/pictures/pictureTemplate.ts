import type { ChatMessage, ChatTemplate } from "../../tokenizers/chatTemplate.ts";
import { ApiError } from "../apiError.ts";

/** A part of a message, as templates know it. */
export type TemplatePart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" };

/** A message as templates know it. */
export interface TemplateMessage extends ChatMessage {
  readonly content: string | null | readonly TemplatePart[];
}

export interface PictureTemplateOptions {
  readonly template: ChatTemplate;
  /** How the token is spelled that stands where one of a picture goes. */
  readonly imageToken: string;
}

/** Never part of a text that is exchanged: Unicode keeps it for a program's own use. */
const mark = "\uFDD0";
const probe = "probe";

/**
 * Writes conversations with pictures, for templates that take messages as texts, as parts, or as both.
 * What somebody writes that is spelled as the image token remains a text.
 */
export class PictureTemplate {
  readonly #options: PictureTemplateOptions;
  readonly #takesTexts: boolean;
  readonly #takesPictures: boolean;

  constructor(options: PictureTemplateOptions) {
    this.#options = options;
    const count = (text: string, part: string): number => text.split(part).length - 1;
    const asText = this.#tried(probe);
    const asParts = this.#tried([{ type: "image" }, { type: "text", text: probe }]);
    this.#takesTexts = count(asText, probe) === 1;
    this.#takesPictures = count(asParts, probe) === 1 && count(asParts, options.imageToken) === 1;
  }

  /**
   * The text of a conversation, in pieces whose tokens are found apart.
   *
   * @param pictures what stands for each, in their order
   * @throws {ApiError} where the template leaves pictures out
   */
  pieces(
    messages: readonly TemplateMessage[],
    tools: readonly object[],
    pictures: readonly { readonly text: string }[],
  ): string[] {
    const { template, imageToken } = this.#options;
    const kept = this.#marked({ messages, tools });
    const text = template.render(
      kept.messages.map((message) => ({ ...message, content: this.#content(message.content) })),
      { ...(tools.length > 0 && { tools: kept.tools }) },
    );
    const [first = "", ...rest] = text.split(imageToken);
    if (rest.length !== pictures.length) {
      throw new ApiError(
        `This model's chat template shows ${rest.length} of ${pictures.length} pictures.`,
        { param: "messages" },
      );
    }
    return this.#pieces(first + rest.map((part, i) => pictures[i]!.text + part).join(""));
  }

  /** Marks what is spelled as the image token in what was written. */
  #marked<Content extends object>(content: Content): Content {
    const { imageToken } = this.#options;
    const json = JSON.stringify(content);
    if (!json.includes(imageToken)) return content;
    const [first, ...others] = imageToken;
    const spelled = `${first}${mark}${others.join("")}`;
    return JSON.parse(json, (_key, value: unknown) =>
      typeof value === "string" ? value.replaceAll(imageToken, spelled) : value,
    );
  }

  /** Where the image token was marked, there is a cut between its two pieces. */
  #pieces(text: string): string[] {
    const { imageToken } = this.#options;
    const [first = "", ...others] = imageToken;
    const rest = others.join("");
    const pieces = text.split(`${first}${mark}${rest}`);
    return pieces.map(
      (piece, i) => (i > 0 ? rest : "") + piece + (i < pieces.length - 1 ? first : ""),
    );
  }

  #content(content: TemplateMessage["content"]): TemplateMessage["content"] {
    if (typeof content === "string" || content === null) {
      return this.#takesTexts ? content : [{ type: "text", text: content ?? "" }];
    }
    const hasPictures = content.some(({ type }) => type === "image");
    if (hasPictures ? this.#takesPictures : !this.#takesTexts) return content;
    const { imageToken } = this.#options;
    return content.map((part) => (part.type === "text" ? part.text : imageToken)).join("");
  }

  /** What a message becomes; nothing where the template refuses it. */
  #tried(content: TemplateMessage["content"]): string {
    try {
      return this.#options.template.render([{ role: "user", content }]);
    } catch {
      return "";
    }
  }
}
