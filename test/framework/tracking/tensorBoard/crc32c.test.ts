import { expect } from "chai";
import { describe, it } from "mocha";

import { crc32c, maskedCrc32c } from "../../../../framework/tracking/tensorBoard/crc32c.ts";

describe("crc32c()", () => {
  // the check value of the catalogue, then RFC 3720, B.4
  const cases = [
    { name: "the digits 1 to 9", bytes: Buffer.from("123456789"), expected: 0xe3069283 },
    { name: "nothing", bytes: Buffer.alloc(0), expected: 0 },
    { name: "32 zeros", bytes: Buffer.alloc(32), expected: 0x8a9136aa },
    { name: "32 ones", bytes: Buffer.alloc(32, 0xff), expected: 0x62a8ab43 },
    {
      name: "0 to 31",
      bytes: Buffer.from(Array.from({ length: 32 }, (_, i) => i)),
      expected: 0x46dd794e,
    },
  ];
  for (const { name, bytes, expected } of cases) {
    it(`is ${expected.toString(16)} for ${name}`, () => {
      expect(crc32c(bytes)).to.equal(expected);
    });
  }

  it("of many bytes is that of each after the other, however many there are", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * i * 37 + 11) & 0xff);
    let remainder = 0xffffffff;
    for (let length = 0; length < bytes.length; length++) {
      expect(crc32c(bytes.subarray(0, length))).to.equal((remainder ^ 0xffffffff) >>> 0);
      remainder ^= bytes[length]!;
      for (let bit = 0; bit < 8; bit++) {
        remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
      }
    }
  });

  it("is masked by a rotation of 15 bits and an offset", () => {
    // 0xe3069283 rotated right by 15 is 0x2507c60d; plus 0xa282ead8
    expect(maskedCrc32c(Buffer.from("123456789"))).to.equal(0xc78ab0e5);
  });
});
