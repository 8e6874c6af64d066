import { timingSafeEqual } from "node:crypto";

import type { FastifyRequest } from "fastify";

/** What stands behind `Authorization: Bearer`; "" where there is none. */
export function bearerToken({ headers }: FastifyRequest): string {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Takes as long for a good guess as for a bad one. */
export function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
