import { once } from "node:events";
import { connect } from "node:net";

import type { RandomStream } from "../../../framework/base/random.ts";

export interface SoakRequest {
  readonly name: string;
  /** @returns the status, or what else became of it */
  readonly send: (url: string, random: RandomStream) => Promise<string>;
}

const words = ["the", "penguin", "swims", "friend", "capital", "France", "other", "too"];

/** A chat that is different each time, so that prefixes and constraints are not always known. */
function chatOf(random: RandomStream, options: object = {}): object {
  const text = Array.from({ length: 1 + random.integer(20) }, () => words[random.integer(8)]);
  return {
    ...{ model: "nano", max_tokens: 1 + random.integer(40), seed: random.integer(1000) },
    messages: [{ role: "user", content: text.join(" ") }],
    ...options,
  };
}

const post = (url: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
    ...(signal && { signal }),
  });

const whole =
  (options: (random: RandomStream) => object): SoakRequest["send"] =>
  async (url, random) => {
    const answer = await post(url, JSON.stringify(chatOf(random, options(random))));
    await answer.text();
    return String(answer.status);
  };

const body =
  (text: string): SoakRequest["send"] =>
  async (url) => {
    const answer = await post(url, text);
    await answer.text();
    return String(answer.status);
  };

async function leave(url: string, random: RandomStream): Promise<string> {
  const left = new AbortController();
  const timer = setTimeout(() => left.abort(), random.integer(60));
  try {
    const chat = chatOf(random, { stream: true, max_tokens: 300 });
    const answer = await post(url, JSON.stringify(chat), left.signal);
    await answer.text();
    return "answered before";
  } catch {
    return "left";
  } finally {
    clearTimeout(timer);
  }
}

async function sendJunk(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.resume();
  socket.write("\x00\x01 junk\r\n\r\n");
  await once(socket, "close");
  return "closed";
}

function schemaOf(random: RandomStream): object {
  const name = words[random.integer(8)]!;
  const properties = { [name]: { type: "integer", maximum: random.integer(50) + 1 } };
  const schema = { type: "object", properties, required: [name], additionalProperties: false };
  return {
    max_tokens: 80,
    response_format: { type: "json_schema", json_schema: { name: "a", schema } },
  };
}

/** What clients ask for, each as often as the others. */
export const soakRequests: readonly SoakRequest[] = [
  { name: "whole", send: whole(() => ({})) },
  { name: "streamed", send: whole(() => ({ stream: true })) },
  { name: "several", send: whole(() => ({ n: 3, stream: true, logprobs: true, top_logprobs: 5 })) },
  { name: "schema", send: whole(schemaOf) },
  { name: "left", send: leave },
  { name: "too many", send: whole(() => ({ n: 100 })) },
  { name: "unknown model", send: whole(() => ({ model: "other" })) },
  { name: "no JSON", send: body("{") },
  { name: "deep", send: body("[".repeat(100_000)) },
  { name: "junk", send: sendJunk },
  {
    name: "metrics",
    async send(url) {
      const answer = await fetch(`${url}/metrics`);
      await answer.text();
      return String(answer.status);
    },
  },
];
