import { Tokenizer, trainBytePairs } from "seedbed";

import { endOfText, endOfTurn, reservedTokens } from "../../../experiments/nano/data/chat.ts";

const files = trainBytePairs([], {
  vocabularySize: reservedTokens.length + 256,
  reserved: reservedTokens,
  endToken: endOfTurn,
  padToken: endOfText,
  maxLength: 1024,
});

/** nano's, of bytes alone: it has learnt no words. */
export const tokenizer: Tokenizer = new Tokenizer(files.tokenizer, files.config);
