import { signal, type Signal } from "@preact/signals";

import { eventData } from "./eventData.ts";
import { extended, type Delta, type Message } from "./message.ts";

const keyName = "seedbed.key";

/** What is sent as the key; it is forgotten with the browser's tab. */
export const key: Signal<string> = signal(sessionStorage.getItem(keyName) ?? "");
/** Whether the server asks for a key that it has not got. */
export const wantsKey: Signal<boolean> = signal(false);
export const models: Signal<readonly string[]> = signal([]);
export const messages: Signal<readonly Message[]> = signal([]);
export const problem: Signal<string> = signal("");
/** Ends the answer that is coming; undefined while none is. */
export const answering: Signal<AbortController | undefined> = signal(undefined);

/** What is asked for besides the messages; "" is the model's own choice. */
export const settings: Signal<Readonly<Record<SettingName, string>>> = signal({
  ...{ model: "", system: "", tools: "", tool_choice: "auto" },
  ...{ temperature: "", top_p: "", max_completion_tokens: "", seed: "" },
});
export type SettingName =
  | "model"
  | "system"
  | "tools"
  | "tool_choice"
  | "temperature"
  | "top_p"
  | "max_completion_tokens"
  | "seed";

export interface Counts {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  /** In dollars; undefined where the server has no prices. */
  readonly cost: number | undefined;
}
const none: Counts = { prompt: 0, cached: 0, completion: 0, cost: undefined };
/** Of the last answer, and of all since the page was opened. */
export const lastCounts: Signal<Counts> = signal(none);
export const allCounts: Signal<Counts> = signal(none);

export function setSetting(name: SettingName, value: string): void {
  settings.value = { ...settings.value, [name]: value };
}

export async function setKey(value: string): Promise<void> {
  sessionStorage.setItem(keyName, value);
  key.value = value;
  await loadModels();
}

export async function loadModels(): Promise<void> {
  try {
    const answer = await ask("/v1/models");
    const { data }: { data: { id: string }[] } = await answer.json();
    models.value = data.map(({ id }) => id);
    if (settings.value.model === "") setSetting("model", models.value[0] ?? "");
    problem.value = "";
  } catch (error) {
    problem.value = textOf(error);
  }
}

/** Adds a message, and has the model go on where nothing is open. */
export async function send(...added: readonly Message[]): Promise<void> {
  messages.value = [...messages.value, ...added];
  await answer();
}

export function startAnew(): void {
  answering.value?.abort();
  messages.value = [];
  problem.value = "";
}

/** Asks for an answer to what has been said. */
export async function answer(): Promise<void> {
  const controller = new AbortController();
  answering.value = controller;
  problem.value = "";
  const before = messages.value;
  try {
    const body = JSON.stringify(requestOf(before));
    const { signal: stop } = controller;
    const response = await ask("/v1/chat/completions", { method: "POST", body, signal: stop });
    let message: Message = { role: "assistant", content: "" };
    for await (const data of eventData(response.body!)) {
      if (data === "[DONE]") break;
      const chunk: Chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      const [choice] = chunk.choices;
      if (choice) message = extended(message, choice.delta);
      messages.value = [...before, message];
      if (chunk.usage) count(chunk.usage, chunk.routing?.cost_usd);
    }
  } catch (error) {
    if (!controller.signal.aborted) problem.value = textOf(error);
  } finally {
    if (answering.value === controller) answering.value = undefined;
  }
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
}

interface Chunk {
  readonly choices: readonly { readonly delta: Delta }[];
  readonly usage?: Usage | null;
  readonly routing?: { readonly cost_usd?: number };
  readonly error?: { readonly message: string };
}

/** @throws for tools that are no JSON */
function requestOf(said: readonly Message[]): object {
  const { model, system, tools, tool_choice, ...numbers } = settings.value;
  const sampling = Object.entries(numbers).filter(([, value]) => value.trim() !== "");
  return {
    model,
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...said],
    ...(tools.trim() !== "" && { tools: toolsOf(tools), tool_choice }),
    ...Object.fromEntries(sampling.map(([name, value]) => [name, Number(value)])),
    ...{ stream: true, stream_options: { include_usage: true } },
  };
}

function toolsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("Tools: expected a JSON list, as the API takes it", { cause });
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(key.value !== "" && { authorization: `Bearer ${key.value}` }),
  };
  const response = await fetch(path, { ...init, headers });
  wantsKey.value = response.status === 401;
  if (response.ok) return response;
  const { error }: { error?: { message?: string } } = await response.json();
  throw new Error(error?.message ?? response.statusText);
}

function count(usage: Usage, cost: number | undefined): void {
  const now = {
    prompt: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completion: usage.completion_tokens,
    cost,
  };
  const all = allCounts.value;
  lastCounts.value = now;
  allCounts.value = {
    prompt: all.prompt + now.prompt,
    cached: all.cached + now.cached,
    completion: all.completion + now.completion,
    cost: cost === undefined ? all.cost : (all.cost ?? 0) + cost,
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
