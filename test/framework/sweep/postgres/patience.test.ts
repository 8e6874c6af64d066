import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { Patience } from "../../../../framework/sweep/postgres/patience.ts";

const failure = (code: string, message = "no"): Error =>
  Object.assign(new Error(message), { code });

describe("Patience", () => {
  const warned: string[] = [];
  let [nowMs, pauses]: [number, number[]] = [0, []];
  beforeEach(() => {
    [nowMs, pauses] = [0, []];
    warned.length = 0;
  });

  const patience = (seconds = 600): Patience =>
    new Patience({
      ...{ shown: "postgres://db/x", seconds, nowMs: () => nowMs },
      warn: (line) => warned.push(line),
      wait: async (ms) => {
        pauses.push(ms);
        nowMs += ms;
      },
    });

  /** Fails with these, one after another, then succeeds. */
  function failing(...errors: Error[]): () => Promise<string> {
    return async () => {
      const error = errors.shift();
      if (error) throw error;
      return "done";
    };
  }

  it("tries again while the server is away, ever more seldom, and says so once", async () => {
    const away = Array.from({ length: 8 }, () => failure("ECONNREFUSED"));
    expect(await patience().until(failing(...away))).to.equal("done");
    expect(pauses).to.deep.equal([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(warned).to.deep.equal([
      "Cannot use the journal postgres://db/x: nobody answers there (ECONNREFUSED); start the server, or correct the address; trainings go on, and it is tried again for 10m 00s",
      "The journal postgres://db/x answers again",
    ]);
  });

  it("gives it up after a while, once and for all", async () => {
    const waiting = patience(5);
    const away = async (): Promise<never> => {
      throw failure("57P03", "the database system is starting up");
    };
    const error = await waiting.until(away).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.match(
      /is starting up; it was away for 5s: running trials have saved their work, and the same command goes on/,
    );
    expect(pauses.reduce((sum, each) => sum + each, 0)).to.be.within(5000, 9000);
    const before = pauses.length;
    expect(await waiting.until(failing()).catch((cause: unknown) => cause)).to.equal(error);
    expect(pauses).to.have.length(before);
  });

  it("does not count how long others have a lock", async () => {
    const locked = Array.from({ length: 100 }, () => failure("55P03"));
    expect(await patience().until(failing(...locked))).to.equal("done");
    expect([pauses, warned]).to.deep.equal([[], []]);
  });

  for (const code of ["28P01", "42501", "42P01", "22P02", "23505"]) {
    it(`does not wait for what does not mend itself, as ${code}`, async () => {
      const error = await patience()
        .until(failing(failure(code, "said so")))
        .catch((cause: unknown) => cause);
      expect(String(error)).to.match(
        /^InputError: Cannot use the journal postgres:\/\/db\/x: .*said so/,
      );
      expect(pauses).to.deep.equal([]);
    });
  }
});
