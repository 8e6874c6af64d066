import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { languageServers, type TestedServer } from "../../support/languageServer.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const messages = [{ role: "user", content: "Hi" }];
const asked = { model: "nano", messages, max_tokens: 2 };

describe("a server that is asked amiss", () => {
  const { open, service } = languageServers();
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** Sends bytes as they are; `said` is all that has come back when the server has closed. */
  async function raw({ url }: TestedServer, text: string): Promise<{ said: Promise<string> }> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    let heard = "";
    socket.on("data", (data) => (heard += String(data)));
    socket.on("error", () => {}); // reset: what has been said counts
    const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(heard)));
    await once(socket, "connect");
    socket.write(text);
    return { said: closed };
  }

  const post = ({ url }: TestedServer, body: string, type = "application/json") =>
    fetch(`${url}/v1/chat/completions`, {
      ...{ method: "POST", body, headers: { "content-type": type } },
    });

  /** What stands in an answer's body, once it has the form of an error. */
  async function errorOf(answer: Response): Promise<{ message: string; type: string }> {
    const body = await answer.json();
    expect(body).to.have.all.keys("error");
    expect(body.error).to.have.all.keys("message", "type", "param", "code");
    return body.error;
  }

  const wrong: readonly (readonly [title: string, status: number, body: string, told: RegExp])[] = [
    ["no JSON", 400, "{", /not valid JSON/],
    ["an empty body", 400, "", /empty/],
    ["another prototype", 400, '{"__proto__":{"model":"nano"}}', /not valid JSON/],
    [
      "another constructor",
      400,
      JSON.stringify(asked).replace("{", '{"constructor":{"prototype":{"a":1}},'),
      /not valid JSON/,
    ],
    ["deep JSON", 400, nested(200_000), /at most 100 levels/],
    ["deep JSON that is never closed", 400, '{"a":'.repeat(200_000), /at most 100 levels/],
    ["something else than an object", 400, "[]", /object/],
    [
      "deep arguments of a call",
      400,
      JSON.stringify({
        ...asked,
        messages: [
          ...messages,
          {
            role: "assistant",
            tool_calls: [
              { id: "a", type: "function", function: { name: "a", arguments: nested(50_000) } },
            ],
          },
        ],
      }),
      /arguments of a call/,
    ],
    [
      "a long pattern",
      400,
      JSON.stringify({
        ...asked,
        structured_outputs: { regex: `${"(".repeat(5e4)}${")".repeat(5e4)}` },
      }),
      /at most 2000 characters/,
    ],
    [
      "a deep pattern, if it leaves no stack",
      400,
      JSON.stringify({
        ...asked,
        structured_outputs: { regex: `${"(a".repeat(600)}${")*".repeat(600)}b{999999}` },
      }),
      /Cannot constrain|expected/,
    ],
    [
      "a form that is larger than most",
      400,
      JSON.stringify({ ...asked, structured_outputs: { choice: ["a".repeat(200_000)] } }),
      /at most 131072 characters/,
    ],
  ];
  for (const [title, status, body, told] of wrong) {
    it(`refuses ${title}, with ${status}`, async () => {
      const answer = await post(await open(), body);
      expect(answer.status).to.equal(status);
      expect((await errorOf(answer)).message).to.match(told);
    });
  }

  it("answers keys that objects have already, as text", async () => {
    const properties = Object.fromEntries(
      ["constructor", "toString", "hasOwnProperty", "valueOf"].map((name) => [name, { const: 1 }]),
    );
    const schema = { type: "object", properties, required: Object.keys(properties) };
    const answer = await post(
      await open(),
      JSON.stringify({
        ...{ ...asked, max_tokens: 200, logit_bias: {} },
        response_format: { type: "json_schema", json_schema: { name: "toString", schema } },
      }),
    );
    expect(answer.status).to.equal(200);
    const { choices } = await answer.json();
    expect(Object.keys(JSON.parse(choices[0].message.content))).to.include.members(["constructor"]);
  });

  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "x",
  ]) {
    it(`takes no ${type}`, async () => {
      const answer = await post(await open(), JSON.stringify(asked), type);
      expect(answer.status).to.equal(415);
      expect((await errorOf(answer)).type).to.equal("invalid_request_error");
    });
  }

  it("takes no huge body, whether its length is told or not", async () => {
    const server = await open({ bodyLimit: 10_000 });
    const told = await post(server, JSON.stringify({ ...asked, user: "x".repeat(10_000) }));
    expect(told.status).to.equal(413);
    expect((await errorOf(told)).message).to.match(/too large/);
    const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    const chunk = `2710\r\n${"x".repeat(10_000)}\r\n`;
    const { said } = await raw(
      server,
      `${head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
    );
    expect(await said).to.match(/^HTTP\/1\.1 413 /);
  });

  it("does not wait for headers or bodies that do not come", async () => {
    const server = await open({ connections: { headersMs: 60, requestMs: 120, checkMs: 20 } });
    const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    const slow = await Promise.all([
      raw(server, head),
      raw(server, `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`),
    ]);
    const [headers, body] = await Promise.all(slow.map(({ said }) => said));
    expect(headers)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.to.include('"message":"The request took too');
    expect(body).to.match(/^HTTP\/1\.1 408 /);
  });

  it("answers what is not HTTP, and closes", async () => {
    const server = await open();
    const { said } = await raw(server, "\x16\x03\x01\x02\x00 hello\r\n\r\n");
    expect(await said)
      .to.match(/^HTTP\/1\.1 400 /)
      .and.to.include("The request is not HTTP.");
    const long = await raw(server, `GET / HTTP/1.1\r\na: ${"x".repeat(100_000)}\r\n\r\n`);
    expect(await long.said).to.match(/^HTTP\/1\.1 431 /);
    const after = await raw(
      server,
      "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n\x00\x01junk\r\n\r\n",
    );
    expect((await after.said).match(/HTTP\/1\.1 \d+/g)).to.have.length(1); // nothing amid an answer
  });

  it("holds no more connections than it may", async () => {
    const server = await open({ connections: { mostConnections: 2 } });
    await raw(server, "GET /health HTTP/1.1\r\n");
    await raw(server, "GET /health HTTP/1.1\r\n");
    const third = await raw(server, "");
    expect(await third.said).to.equal("");
  });

  it("goes on with a stream meanwhile, and has nothing left to do after it", async () => {
    const server = await open({ connections: { headersMs: 500, requestMs: 500, checkMs: 50 } });
    const alone = await (await server.chat({ max_tokens: 150 })).text();
    const stream = await server.chat({ max_tokens: 150 });
    const text = stream.text();
    const left = new AbortController();
    const junk = [
      raw(server, "\x00\x00\r\n\r\n"),
      raw(server, "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"),
      ...wrong.map(([, , body]) => post(server, body).then((answer) => answer.text())),
      server.chat({ max_tokens: 300 }, { signal: left.signal }).then(() => left.abort()),
    ];
    await Promise.all(junk);
    const contents = (events: string): string[] =>
      [...events.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, content]) => content!);
    expect(contents(await text)).to.deep.equal(contents(alone));
    for (let turn = 0; turn < 400 && service().scheduler.report().running > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(service().scheduler.report()).to.include({ running: 0, waiting: 0 });
  });

  it("ends at once though somebody holds a connection and says nothing", async () => {
    const server = await open();
    const silent = await raw(server, "");
    const begun = await raw(server, "GET /hea");
    await fetch(`${server.url}/health`);
    await server.app.close();
    expect(await Promise.all([silent.said, begun.said])).to.deep.equal(["", ""]);
  });
});
