import type { ConversationStatus, Instant, Lane, MessageItem, Outcome, Role, Uuid } from "./contract-words.ts";

/** The part of the contract that keeps a device in step: batches, tokens, filters, confirmations, pages. */

/** Why an object is gone from a device (INV-5): `left` and `filtered` ones may come back, `deleted` ones never. */
export type LeftReason = "left" | "filtered" | "deleted";

/**
 * One change. `kind` says which members are present:
 *
 * - `message`: `message`. Apply by (conversation, lane, seq); a seq the device has is ignored.
 * - `left`: `of`, `id`, `reason`: forget this object, and with a conversation all that hangs on it. Unknown ids are ignored.
 * - any other kind: `id`, `revision` and the whole `state`. Apply if the revision is higher than the stored one (INV-4).
 */
export interface SyncItem {
  readonly kind: string;
  /** A lower-case UUID; where an object hangs on a conversation: `{conversation}/{…}`. */
  readonly id?: string;
  /** Rises by one with every change of the object; absent: 0. */
  readonly revision?: number;
  /** The whole state, not a difference. */
  readonly state?: unknown;
  /** With `message`. */
  readonly message?: MessageItem;
  /** With `left`: the kind of the object that is gone. */
  readonly of?: string;
  /** With `left`: why. */
  readonly reason?: LeftReason;
}

/** A fact that is not kept. Unknown kinds are ignored. */
export interface EphemeralFact {
  /** `typing`; `viewing`: a colleague has the conversation open, told to agents only; `position`: where the customer's conversation stands in its queue. */
  readonly kind: string;
  readonly conversationId: Uuid;
  /** Who; with `position` the account. */
  readonly personId: Uuid;
  /** Typing (RFC 3994 `active`) or not (`idle`); has it open, or no more; waiting or not. */
  readonly active: boolean;
  /** Milliseconds after which it counts as idle when nothing newer came. */
  readonly expiresInMs: number;
  /** With an active `position`: 1: the next. */
  readonly position?: number;
  /** With `position`: how long it may still take; absent while that cannot be told. */
  readonly estimatedSeconds?: number;
  /** With `position`: when the queue opens; absent: it is open, or does not open any more. */
  readonly opensAt?: Instant;
}

/** Why a device starts from nothing. */
export type ResyncReason = "new" | "unknownToken" | "epoch" | "floor" | "future" | "filter";

/** An explicit start from nothing (INV-6). */
export interface Resync {
  readonly reason: ResyncReason;
  /** The messages the device holds may not be the store's: forget them too. */
  readonly discard: boolean;
}

/**
 * The one thing a server sends to a device: a page of catch-up, a live frame, or ephemeral facts.
 *
 * Apply the batch and store `to`, in one local transaction, if and only if `from` equals the stored token, compared as text. Otherwise ignore it and
 * call `Synchronize` with the stored token. A batch without `to` carries `ephemeral` facts only and moves nothing.
 */
export interface PushBatch {
  /** The last token this device was given or presented; absent on the first batch after `resync`. */
  readonly from?: string;
  /** Up to where the device is complete once it has applied the batch. Opaque. */
  readonly to?: string;
  /** More pages follow (INV-16). */
  readonly more?: boolean;
  /** On the first page of a start from nothing: mark what is held as stale, and drop what is still stale at the first page without `more`. */
  readonly resync?: Resync;
  /** Changes in log order. */
  readonly items?: readonly SyncItem[];
  /** Who is typing, and viewing. Neither ordered with `items` nor repeated. */
  readonly ephemeral?: readonly EphemeralFact[];
}

/** What a device keeps. A conversation outside the filter is not on the device, nor is anything that hangs on it. */
export interface SyncFilter {
  /** Conversations in these states only; absent: in all. */
  readonly statuses?: readonly ConversationStatus[];
  /** Without what agents say among themselves. */
  readonly withoutNotes?: boolean;
}

/** Asks for everything after `token`, then for live frames from exactly there. */
export interface SyncRequest {
  /** The token of the last batch the device has stored; absent to start from nothing. */
  readonly token?: string;
  /** What this device keeps; absent: everything. */
  readonly filter?: SyncFilter;
  /** Rows a page may carry; absent: the server's choice. */
  readonly pageItems?: number;
}

/** The limits a device must keep to; a breach is answered with `tooLarge` naming the limit. */
export interface SyncLimits {
  /** Bytes of a message's content, UTF-8. */
  readonly maxContentBytes: number;
  /** Bytes of a draft, UTF-8. */
  readonly maxDraftBytes: number;
  /** Rows of a catch-up page or of a page of messages. */
  readonly maxPageItems: number;
  /** Conversations one confirmation may name. */
  readonly maxConfirmedConversations: number;
  /** Milliseconds a device may keep a confirmation back to send many at once. */
  readonly confirmWithinMs: number;
}

/** The OK that precedes the first change, or why there is none. */
export interface SyncAnswer {
  readonly outcome: Outcome;
  /** Who the device belongs to. */
  readonly personId?: Uuid;
  /** Which device this is. */
  readonly deviceId?: Uuid;
  /** The tenant. */
  readonly accountId?: Uuid;
  readonly role?: Role;
  /** The limits in force. */
  readonly limits?: SyncLimits;
}

/** Every body of the public lane up to `seq` is stored on the device. */
export interface Held {
  readonly conversationId: Uuid;
  readonly seq: number;
}

/** What a device has stored; only `held` makes messages *delivered*. */
export interface Confirmation {
  /** The token of the last batch stored. Advisory. */
  readonly token?: string;
  readonly held: readonly Held[];
}

/** Asks for a page of messages. */
export interface LoadMessages {
  readonly conversationId: Uuid;
  readonly lane: Lane;
  /** Only messages with a lower seq; absent: the newest. */
  readonly before?: number;
  /** 1 … `maxPageItems`; absent: 50. */
  readonly limit?: number;
}

/** A page of a conversation's messages, oldest first. */
export interface MessagePage {
  readonly outcome: Outcome;
  /** Rising, dense seq. */
  readonly messages?: readonly MessageItem[];
  /** The highest seq of the lane when the page was read; 0 when it is empty. */
  readonly lastSeq?: number;
}
