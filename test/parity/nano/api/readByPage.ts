import { expect } from "chai";

import { eventData } from "../../../../framework/serve/page/eventData.ts";
import { extended, type Message } from "../../../../framework/serve/page/message.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import type { ChatBody } from "./answerBodies.ts";
import { inPieces } from "./inPieces.ts";
import { joinedMessages } from "./joinedMessages.ts";
import { bytesOf, recordedEvents, type Transcript } from "./transcripts.ts";

/** Our own page puts a recorded stream of a chat together as we do. */
export async function readByPage(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const recorded = recordedEvents(folder, transcript);
  const told: string[] = [];
  for await (const data of eventData(inPieces(bytesOf(folder, transcript)))) told.push(data);
  expect(told.map(parsed)).to.deep.equal(recorded.map(({ data }) => data));
  for (const { index, text, calls } of joinedMessages(recorded)) {
    let message: Message = { role: "assistant", content: "" };
    for (const data of told) {
      const { choices = [] }: Partial<ChatBody> = parsed(data) ?? {};
      for (const choice of choices) {
        if (choice.index === index) message = extended(message, Object(choice.delta));
      }
    }
    const found = (message.tool_calls ?? []).map(({ id, function: called }) => ({ id, ...called }));
    expect([message.content, found]).to.deep.equal([text, calls]);
  }
}

function parsed(data: string): object | undefined {
  return data === "[DONE]" ? undefined : JSON.parse(data);
}
