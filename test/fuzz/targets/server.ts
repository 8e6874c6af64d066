import path from "node:path";

import { createServer } from "../../../framework/serve/createServer.ts";
import { LanguageService } from "../../../framework/serve/languageService.ts";
import { writeServedModel } from "../../support/servedModel.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { Asker, requestInput, requestOf } from "../httpInput.ts";
import { scratch } from "../scratch.ts";

const folder = path.dirname(scratch("server", "config.json"));
await writeServedModel(folder);
const service = LanguageService.open(folder, { name: "nano", drawSeed: () => 1, rows: 2 });
const asker = new Asker();
const app = createServer({ services: [service], warn: asker.warn });
const messages = [
  { role: "system", content: "S" },
  { role: "user", content: [{ type: "text", text: "Hi" }] },
];
const asked = { model: "nano", messages, max_tokens: 2 };
const parameters = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
const tools = [{ type: "function", function: { name: "f", parameters } }];

/** Requests to the server of language models. */
export const target: FuzzTarget = {
  name: "server",
  covers: ["framework/serve/", "framework/constrained/", "framework/tokenizers/", "framework/web"],
  mostSeconds: 10,
  seeds: [
    requestInput("POST", "/v1/chat/completions", {
      ...asked,
      temperature: 0.5,
      top_p: 0.9,
      n: 2,
      logprobs: true,
    }),
    requestInput("POST", "/v1/chat/completions", { ...asked, stream: true, stop: ["a"], seed: 1 }),
    requestInput("POST", "/v1/chat/completions", { ...asked, tools, tool_choice: "required" }),
    requestInput("POST", "/v1/chat/completions", {
      ...asked,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: parameters } },
    }),
    requestInput("POST", "/v1/chat/completions", { ...asked, structured_outputs: { regex: "a+" } }),
    requestInput("POST", "/v1/responses", { model: "nano", input: "Hi", max_output_tokens: 2 }),
    requestInput("POST", "/v1/responses", {
      model: "nano",
      input: messages,
      tools: [],
      stream: true,
      max_output_tokens: 2,
    }),
    requestInput("GET", "/v1/models"),
    requestInput("GET", "/metrics"),
  ],
  words: [
    '"role":"',
    '"content":',
    '"type":"',
    '"tools":[',
    '"stream":true',
    '"n":',
    '"logit_bias":{',
    "/v1/responses/resp_1/input_items?limit=2&order=asc",
    "\nhost: evil",
  ],
  run: (input) => asker.ask(app, requestOf(input)),
  async close() {
    await app.close();
    await service.close();
  },
};
