import type { ConversationState, MessageItem, PushBatch, SyncItem } from "../client/index.ts";
import { MemoryStore, type Rows, type Write } from "../client/index.ts";

export const me = "018f0000-0000-7000-8000-00000000000a";
export const other = "018f0000-0000-7000-8000-00000000000b";
export const c1 = "018f0000-0000-7000-8000-0000000000c1";
export const c2 = "018f0000-0000-7000-8000-0000000000c2";

export function message(seq: number, overrides: Partial<MessageItem> = {}): MessageItem {
  const { conversationId = c1, lane = "public" } = overrides;
  const messageId = `${conversationId.slice(-2)}-${lane}-${seq}`;
  return { conversationId, lane, seq, messageId, personId: other, role: "customer", at: "2026-01-01T00:00:00Z", contentType: "text/plain", content: `${lane} ${seq}`, ...overrides };
}

/** Consecutive messages, both ends included. */
export function messages(first: number, last: number, overrides: Partial<MessageItem> = {}): MessageItem[] {
  return Array.from({ length: last - first + 1 }, (_, index) => message(first + index, overrides));
}

export function conversation(id: string, revision = 1, overrides: Partial<ConversationState> = {}): SyncItem {
  const state: ConversationState = { displayId: 1, inboxId: c1, contactId: other, status: "open", openedAt: "2026-01-01T00:00:00Z", contributionId: id, ...overrides };
  return { kind: "conversation", id, revision, state };
}

export function carrying(item: MessageItem): SyncItem {
  return { kind: "message", message: item };
}

/** The first batch of a start from nothing. */
export function fresh(to: string, ...items: SyncItem[]): PushBatch {
  return { to, resync: { reason: "new", discard: false }, items };
}

export async function rowsOf(writes: readonly Write[] = []): Promise<Rows> {
  const store = new MemoryStore();
  await store.commit(writes);
  return store.load();
}
