import { expect } from "chai";
import { describe, it } from "mocha";

import { isPublicAddress } from "../../../../framework/serve/pictures/publicAddress.ts";

describe("isPublicAddress()", () => {
  for (const address of ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111"]) {
    it(`takes ${address}`, () => expect(isPublicAddress(address)).to.equal(true));
  }

  for (const [what, addresses] of [
    ["this machine", ["127.0.0.1", "127.8.9.10", "0.0.0.0", "::1", "::"]],
    ["private networks", ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1"]],
    ["a link, and what clouds tell of themselves there", ["169.254.169.254", "fe80::1%eth0"]],
    ["groups", ["224.0.0.1", "255.255.255.255", "ff02::1"]],
    ["reserved ones", ["192.0.2.1", "198.18.0.1", "240.0.0.1", "2001:db8::1", "100::1", "4000::1"]],
    ["IPv4 in other forms", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1"]],
    ["translated and tunnelled ones", ["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1"]],
    ["what is no address", ["localhost", "", "127.0.0.1.example"]],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(addresses.filter(isPublicAddress)).to.deep.equal([]);
    });
  }
});
