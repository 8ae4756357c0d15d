import { hexOf } from "./ids.ts";
import type { Replica } from "./replica.ts";

/**
 * The state of a replica as one hash (hex SHA-256), to compare devices with each other and with the store. One line per item and message, sorted by
 * its UTF-8 bytes, joined by line feeds: `item⇥kind⇥id⇥revision⇥state` and `message⇥conversation⇥lane⇥seq⇥messageId⇥personId⇥hex SHA-256 of the content`.
 */
export async function canonicalHash(replica: Replica): Promise<string> {
  const items = [...replica.allItems()].map(({ kind, id, revision, state }) => ["item", kind, id, revision, canonicalJson(state)].join("\t"));
  const messages = await Promise.all(
    [...replica.allMessages()].map(async ({ conversationId, lane, seq, messageId, personId, content }) =>
      ["message", conversationId, lane, seq, messageId, personId, await sha256(content)].join("\t"),
    ),
  );
  return sha256([...items, ...messages].sort(byUtf8).join("\n"));
}

/** JSON without white space, keys sorted at all levels by their UTF-16 code units, escaped as `JSON.stringify` does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
}

/** The order of UTF-8 is the order of code points, which the order of UTF-16 is not. */
function byUtf8(a: string, b: string): number {
  const left = encoder.encode(a);
  const right = encoder.encode(b);
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const encoder = new TextEncoder();

async function sha256(text: string): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}
