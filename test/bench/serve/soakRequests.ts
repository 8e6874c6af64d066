import { once } from "node:events";
import { connect } from "node:net";

import sharp from "sharp";

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

const chat = "/v1/chat/completions";

const post = (url: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(url, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
    ...(signal && { signal }),
  });

const whole =
  (options: (random: RandomStream) => object): SoakRequest["send"] =>
  async (url, random) => {
    const answer = await post(url + chat, JSON.stringify(chatOf(random, options(random))));
    await answer.text();
    return String(answer.status);
  };

const body =
  (text: string): SoakRequest["send"] =>
  async (url) => {
    const answer = await post(url + chat, text);
    await answer.text();
    return String(answer.status);
  };

async function leave(url: string, random: RandomStream): Promise<string> {
  const left = new AbortController();
  const timer = setTimeout(() => left.abort(), random.integer(60));
  try {
    const asked = chatOf(random, { stream: true, max_tokens: 300 });
    const answer = await post(url + chat, JSON.stringify(asked), left.signal);
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

/** A picture of one of many colours, most of which were not seen before. */
async function shown(random: RandomStream): Promise<object> {
  const [r, g, b] = [random.integer(256), random.integer(256), random.integer(256)];
  const size = 8 + random.integer(60);
  const bytes = await sharp({
    create: { width: size, height: size, channels: 3, background: { r, g, b } },
  })
    .png()
    .toBuffer();
  const data = `data:image/png;base64,${bytes.toString("base64")}`;
  return {
    messages: [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: data, detail: "low" } },
          { type: "text", text: "What is it?" },
        ],
      },
    ],
  };
}

async function look(url: string, random: RandomStream): Promise<string> {
  const asked = chatOf(random, { max_tokens: 8, ...(await shown(random)) });
  const answer = await post(url + chat, JSON.stringify(asked));
  await answer.text();
  return String(answer.status);
}

const toolOf = (random: RandomStream): object => ({
  type: "function",
  function: {
    name: words[random.integer(8)]!,
    parameters: {
      type: "object",
      properties: { a: { type: "integer", maximum: 9 }, b: { enum: ["x", "y"] } },
      required: ["a", "b"],
      additionalProperties: false,
    },
  },
});

/** A response, one that goes on with it, and what is kept of both. */
async function converse(url: string, random: RandomStream): Promise<string> {
  const asked = { model: "nano", max_output_tokens: 16 };
  const send = async (more: object): Promise<[status: number, body: Record<string, unknown>]> => {
    const body = JSON.stringify({ ...asked, input: words[random.integer(8)], ...more });
    const answer = await post(`${url}/v1/responses`, body);
    return [answer.status, JSON.parse(await answer.text())];
  };
  const [, { id }] = await send({});
  const [status] = await send({ previous_response_id: id });
  const kept = await fetch(`${url}/v1/responses/${String(id)}`);
  await kept.text();
  return `${status}, kept ${kept.status}`;
}

async function streamResponse(url: string, random: RandomStream): Promise<string> {
  const asked = { model: "nano", max_output_tokens: 24, stream: true, background: true };
  const input = words[random.integer(8)]!;
  const answer = await post(`${url}/v1/responses`, JSON.stringify({ ...asked, input }));
  await answer.text();
  return String(answer.status);
}

/** What clients ask for, each as often as the others. */
export const soakRequests: readonly SoakRequest[] = [
  { name: "whole", send: whole(() => ({})) },
  { name: "streamed", send: whole(() => ({ stream: true })) },
  { name: "several", send: whole(() => ({ n: 3, stream: true, logprobs: true, top_logprobs: 5 })) },
  { name: "schema", send: whole(schemaOf) },
  {
    name: "tools",
    send: whole((random) => ({
      ...{ tools: [toolOf(random)], tool_choice: "required", max_tokens: 120, stream: true },
    })),
  },
  { name: "picture", send: look },
  { name: "response", send: converse },
  { name: "response, streamed in the background", send: streamResponse },
  { name: "left", send: leave },
  { name: "too many", send: whole(() => ({ n: 100 })) },
  { name: "unknown model", send: whole(() => ({ model: "other" })) },
  {
    name: "broken picture",
    send: whole(() => ({
      messages: [
        {
          role: "user",
          content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
        },
      ],
    })),
  },
  {
    name: "form that nothing fits",
    send: whole(() => ({
      response_format: { type: "json_schema", json_schema: { name: "a", schema: { not: {} } } },
    })),
  },
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
