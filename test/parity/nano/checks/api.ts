import { expect } from "chai";

import type { ErrorBody } from "../../../../framework/serve/apiError.ts";
import { errorAnswer } from "../../../../framework/serve/errorAnswer.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { expectForm } from "../api/answerForm.ts";
import {
  chatRequest,
  isResponse,
  recordedRequest,
  refusedRequest,
  requestFor,
  responseRequest,
} from "../api/apiRequests.ts";
import { ApiServer } from "../api/apiServer.ts";
import {
  expectConsistentChat,
  expectConsistentChunks,
  expectConsistentEvents,
  expectConsistentResponse,
} from "../api/consistentAnswer.ts";
import { kindsOf, placeOf } from "../api/eventKinds.ts";
import { readByClient } from "../api/readByClient.ts";
import { readByPage } from "../api/readByPage.ts";
import {
  bodyOf,
  eventsOf,
  indexFile,
  isStreamed,
  recordedEvents,
  transcriptsOf,
  type ToldEvent,
  type Transcript,
} from "../api/transcripts.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Answers of OpenAI's API as they were recorded, beside our server's. */
export const api: NanoCheck = {
  title: "answers of the API",
  tests: (folder) =>
    folder.has(indexFile) && folder.has("models.list.json") ? testsOf(folder) : [],
  async close(folder) {
    await (await servers.get(folder))?.close();
    servers.delete(folder);
  },
};

const servers = new WeakMap<NanoFolder, Promise<ApiServer>>();

/** One for all tests of a folder, of the models that its list names. */
async function serverOf(folder: NanoFolder): Promise<ApiServer> {
  const list = transcriptsOf(folder).find(isList)!;
  const { data }: { data: readonly { id: string }[] } = Object(bodyOf(folder, list));
  const server = servers.get(folder) ?? ApiServer.start(data.map(({ id }) => id));
  servers.set(folder, server);
  return server;
}

const isList = ({ path }: Transcript): boolean => path.endsWith("/models");
const isError = ({ status }: Transcript): boolean => status >= 400;

function testsOf(folder: NanoFolder): ParityTest[] {
  return transcriptsOf(folder).flatMap((transcript) => {
    const { name } = transcript;
    return [
      {
        title: `are read by the official client: ${name}`,
        run: () => readByClient(folder, transcript),
      },
      ...(isStreamed(transcript) && !isResponse(transcript)
        ? [{ title: `are read by the page: ${name}`, run: () => readByPage(folder, transcript) }]
        : []),
      { title: `have the same form: ${name}`, run: () => beside(folder, transcript) },
    ];
  });
}

async function beside(folder: NanoFolder, transcript: Transcript): Promise<void> {
  if (isError(transcript)) return besideError(folder, transcript);
  if (isList(transcript)) return besideList(folder, transcript);
  if (isStreamed(transcript)) return besideStream(folder, transcript);
  return besideBody(folder, transcript);
}

async function ask(
  folder: NanoFolder,
  transcript: Transcript,
  request: object,
): Promise<{ answer: Response; text: string }> {
  const { url } = await serverOf(folder);
  const answer = await post(new URL(transcript.path, url), { model: "nano", ...request });
  const text = await answer.text();
  expect(answer.status, text).to.equal(transcript.status);
  expectContentType(answer, transcript);
  return { answer, text };
}

function post(url: URL, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** That of JSON may name its characters, too. */
function expectContentType(answer: Response, transcript: Transcript): void {
  const type = answer.headers.get("content-type")!;
  const compared = isStreamed(transcript) ? type : type.split(";")[0];
  expect(compared, "content type").to.equal(transcript.contentType);
}

/** Tokens that a call of chance has room in. */
const most = 100;

/** The request as it was recorded is one that the server takes, though its text has no end. */
async function askAsRecorded(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const limit = isResponse(transcript) ? { max_output_tokens: most } : { max_tokens: most };
  await ask(folder, transcript, { ...recordedRequest(folder, transcript), ...limit });
}

async function besideBody(folder: NanoFolder, transcript: Transcript): Promise<void> {
  await askAsRecorded(folder, transcript);
  const { text } = await ask(folder, transcript, requestFor(folder, transcript));
  const [ours, theirs]: [object, object] = [JSON.parse(text), bodyOf(folder, transcript)];
  for (const each of [ours, theirs]) {
    if (isResponse(transcript)) expectConsistentResponse(Object(each));
    else expectConsistentChat(Object(each));
  }
  const echoes = isResponse(transcript) ? await echoesOf(folder, transcript) : {};
  expectForm({ ...ours, ...echoes }, theirs, transcript.name);
}

/** What a response repeats of the request, where nothing of it was asked for. */
async function echoesOf(folder: NanoFolder, transcript: Transcript): Promise<object> {
  const { url } = await serverOf(folder);
  const request = { model: "nano", ...responseRequest, max_output_tokens: 2 };
  const answer = await post(new URL(transcript.path, url), request);
  const { text, tools, tool_choice }: Record<string, unknown> = Object(await answer.json());
  return { text, tools, tool_choice };
}

async function besideStream(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const theirs = recordedEvents(folder, transcript);
  const failed = theirs.find(({ data }) => data !== undefined && "error" in data);
  if (failed) return besideFailure(folder, transcript, theirs);
  await askAsRecorded(folder, transcript);
  const { text } = await ask(folder, transcript, requestFor(folder, transcript));
  const all = eventsOf(text);
  for (const events of [theirs, all]) {
    if (isResponse(transcript)) expectConsistentEvents(events);
    else expectConsistentChunks(events);
  }
  const echoes = isResponse(transcript) ? await echoesOf(folder, transcript) : {};
  const ours = withinPlaces(all, theirs).map((told) => withEchoes(told, echoes));
  expectOrder(ours, theirs);
  for (const told of theirs) expectSameKind(ours, told, transcript.name);
}

/** Without calls after those that were recorded: a model of chance makes more. */
function withinPlaces(events: readonly ToldEvent[], theirs: readonly ToldEvent[]): ToldEvent[] {
  const last = Math.max(...theirs.map((told) => placeOf(told).call));
  return events.filter((told) => placeOf(told).call <= last);
}

function withEchoes(told: ToldEvent, echoes: object): ToldEvent {
  const { response }: { response?: object } = told.data ?? {};
  return response
    ? { ...told, data: { ...told.data, response: { ...response, ...echoes } } }
    : told;
}

/** The same kinds of events in the same order, of each choice by itself. */
function expectOrder(ours: readonly ToldEvent[], theirs: readonly ToldEvent[]): void {
  const choices = new Set([...ours, ...theirs].map((told) => placeOf(told).choice));
  for (const choice of choices) {
    const ofChoice = (events: readonly ToldEvent[]): string[] =>
      kindsOf(events.filter((told) => [choice, undefined].includes(placeOf(told).choice)));
    expect(ofChoice(ours), "kinds of events").to.deep.equal(ofChoice(theirs));
  }
}

function expectSameKind(ours: readonly ToldEvent[], told: ToldEvent, name: string): void {
  const [kind] = kindsOf([told]);
  const same = ours.find((each) => kindsOf([each])[0] === kind);
  expect(same, kind).to.not.equal(undefined);
  expect(same!.name, kind).to.equal(told.name);
  if (told.data) expectForm(same!.data, told.data, `${name} (${kind})`);
}

/** A stream that begins as others do, and ends with an error. */
async function besideFailure(
  folder: NanoFolder,
  transcript: Transcript,
  theirs: readonly ToldEvent[],
): Promise<void> {
  const request = { ...chatRequest, ...transcript.requestExtra, max_tokens: 2 };
  const { text } = await ask(folder, transcript, request);
  const started = theirs.slice(0, -1);
  expectConsistentStart(started);
  for (const told of started) expectSameKind(eventsOf(text), told, transcript.name);
  const { error }: ErrorBody = Object(theirs.at(-1)!.data);
  const { message: _, ...ours } = errorAnswer(new Error("broken"), () => {}).body.error;
  const { message, ...told } = error;
  expect(ours, "error").to.deep.equal(told);
  expect(message, "message").to.be.a("string").and.to.not.equal("");
}

function expectConsistentStart(started: readonly ToldEvent[]): void {
  expect(kindsOf(started), "events before the error").to.deep.equal(["role of choice 0"]);
}

async function besideList(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const { url } = await serverOf(folder);
  const answer = await fetch(new URL(transcript.path, url));
  expect(answer.status).to.equal(transcript.status);
  expectContentType(answer, transcript);
  expect(Object.keys(transcript.requestExtra)).to.deep.equal([]);
  expectForm(await answer.json(), bodyOf(folder, transcript), transcript.name);
}

async function besideError(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const theirs: ErrorBody = Object(bodyOf(folder, transcript));
  const answer = await refusal(folder, transcript, theirs);
  const ours: unknown = await answer.json();
  expect(answer.status, JSON.stringify(ours)).to.equal(transcript.status);
  expectContentType(answer, transcript);
  expectForm(ours, theirs, transcript.name);
}

async function refusal(
  folder: NanoFolder,
  transcript: Transcript,
  theirs: ErrorBody,
): Promise<Response> {
  const server = await serverOf(folder);
  const request = { ...transcript.requestExtra, ...refusedRequest(theirs) };
  if (refusedRequest(theirs)) {
    return post(new URL(transcript.path, server.url), { model: "nano", ...request });
  }
  const url = new URL(transcript.path, server.keyedUrl);
  const body = { model: "nano", ...chatRequest, ...request, max_tokens: 1 };
  const withKey = (key: string): Promise<Response> =>
    post(url, body, { authorization: `Bearer ${key}` });
  if (theirs.error.code === "invalid_api_key") return withKey("wrong");
  expect(theirs.error.code, "code of an error that is known").to.equal("rate_limit_exceeded");
  await (await withKey(server.key)).text();
  return withKey(server.key);
}
