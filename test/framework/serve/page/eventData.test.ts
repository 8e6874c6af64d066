import { expect } from "chai";
import { describe, it } from "mocha";

import { eventData } from "../../../../framework/serve/page/eventData.ts";

describe("eventData()", () => {
  it("is what events hold, however they are cut, without comments", async () => {
    const bytes = new TextEncoder().encode(
      ': ping\n\ndata: {"a":"ü"}\n\nevent: x\ndata: b\n\ndata: [DONE]\n\n',
    );
    for (const size of [1, 5, 1000]) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size)
            controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const found: string[] = [];
      for await (const data of eventData(body)) found.push(data);
      expect(found).to.deep.equal(['{"a":"ü"}', "b", "[DONE]"]);
    }
  });
});
