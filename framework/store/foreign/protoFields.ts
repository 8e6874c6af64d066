import protobuf from "protobufjs/light.js";

/**
 * Goes through the fields of a message.
 *
 * @param take tells whether it has read the field; others are passed over
 * @throws {RangeError} when the bytes are no message
 */
export function forEachField(
  data: Uint8Array,
  take: (field: number, reader: protobuf.Reader) => boolean,
): void {
  const reader = protobuf.Reader.create(data);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!take(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}
