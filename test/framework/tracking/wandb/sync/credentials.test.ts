import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import {
  appUrl,
  wandbCredentials,
} from "../../../../../framework/tracking/wandb/sync/credentials.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

describe("wandbCredentials()", () => {
  const folder = temporaryFolder();

  it("takes the key from the environment", () => {
    const environment = { WANDB_API_KEY: "k1", WANDB_BASE_URL: "http://wandb.example:8080/" };
    expect(wandbCredentials(environment)).to.deep.equal({
      baseUrl: "http://wandb.example:8080",
      key: "k1",
    });
  });

  it("takes what `wandb login` wrote for the host", () => {
    folder.write({
      ".netrc":
        "machine other login user password k0\nmachine api.wandb.ai\n  login user\n  password k2\n",
    });
    expect(wandbCredentials({ HOME: folder.path() })).to.deep.equal({
      baseUrl: "https://api.wandb.ai",
      key: "k2",
    });
  });

  it("says where a key is to be had", () => {
    folder.write({ ".netrc": "machine api.wandb.ai login user\nmachine other password k0\n" });
    expect(() => wandbCredentials({ HOME: folder.path() })).to.throw(
      InputError,
      "expected a key in WANDB_API_KEY, or in ~/.netrc for api.wandb.ai, got none; yours is at https://wandb.ai/authorize",
    );
  });

  it("refuses an address that is none", () => {
    const environment = { WANDB_API_KEY: "k1", WANDB_BASE_URL: "wandb.example" };
    expect(() => wandbCredentials(environment)).to.throw(InputError, 'got "wandb.example"');
  });
});

describe("appUrl()", () => {
  it("is the cloud's page, or the server itself", () => {
    expect(appUrl("https://api.wandb.ai")).to.equal("https://wandb.ai");
    expect(appUrl("http://own:8080")).to.equal("http://own:8080");
  });
});
