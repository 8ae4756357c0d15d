/** The words the rest of the contract is made of: ids, codes, outcomes, lanes, messages, and what a conversation is to all its participants. */

/** A lower-case UUID. */
export type Uuid = string;

/** An instant in UTC, RFC 3339. */
export type Instant = string;

/**
 * Why a request was not carried out. A client treats a code it does not know like `forbidden`: it does not repeat the request.
 *
 * - `ok`: carried out, now or by an earlier attempt with the same command number.
 * - `malformed`: the shape is wrong; `detail` names the member and the rule.
 * - `tooLarge`: a size or count is over its limit; `detail` names the limit and its value.
 * - `unauthenticated`: no valid credential, or one that was revoked.
 * - `forbidden`: the caller may not do this.
 * - `notFound`: there is no such thing among what the caller may see.
 * - `suspended`: the tenant or the person is suspended.
 * - `conflict`: the state has moved; the current state reaches the caller by synchronisation.
 * - `numberReused`: the same command number was used before with another body.
 * - `tooOld`: the command number is older than what is still remembered; the command was not and will not be executed.
 * - `taken`: the name, address or id is already used.
 * - `closed`: the conversation is resolved; it must be reopened first.
 * - `archived`: the inbox takes no new customers and no new conversations.
 * - `onHold`: the customer is on hold; the conversation must be resumed first.
 * - `dispositionRequired`: resolving needs a disposition of the inbox's or queue's list.
 * - `rateLimited`, `busy`, `unavailable`: try again later with the same command number.
 * - `notEntitled`: the tenant has not contracted the service.
 * - `secondFactorRequired`, `secondFactorEnrolmentRequired`: the password is right; a code is needed besides, or a second factor must be enrolled first.
 * - `secretLost`: a secret that the server keeps sealed cannot be opened with the keys it has; `detail` says which, and who must set it again.
 */
export type ErrorCode =
  | "ok"
  | "malformed"
  | "tooLarge"
  | "unauthenticated"
  | "forbidden"
  | "notFound"
  | "suspended"
  | "conflict"
  | "numberReused"
  | "tooOld"
  | "taken"
  | "closed"
  | "archived"
  | "onHold"
  | "dispositionRequired"
  | "unknownOperation"
  | "rateLimited"
  | "busy"
  | "unavailable"
  | "notEntitled"
  | "secondFactorRequired"
  | "secondFactorEnrolmentRequired"
  | "secretLost";

/** The answer to a command. A repeated command number gets the first answer, member by member. */
export interface Outcome {
  /** Whether and why not. */
  readonly code: ErrorCode;
  /** For people: what exactly was wrong. Never the content of a message, never a secret. */
  readonly detail?: string;
  /** The conversation the command opened or changed. */
  readonly conversationId?: Uuid;
  /** The message the command appended (`imdn.Message-ID`, RFC 5438 §6.3). */
  readonly messageId?: Uuid;
  /** The message's place in its conversation and lane: 1, 2, 3 … without holes. */
  readonly seq?: number;
  /** The revision the changed item has now. */
  readonly revision?: number;
  /** The id of the thing the command made. */
  readonly id?: Uuid;
  /** When the change was committed, by the database's clock. */
  readonly at?: Instant;
  /** With `rateLimited`, `busy` and `unavailable`: after how many seconds it is worth trying again, 1 or more. Absent: soon. */
  readonly retryAfterSeconds?: number;
  /** With `conflict` of an offer that is over: the conversation as it was then. */
  readonly conversation?: ConversationState;
}

/** Who a person is to the contact centre. */
export type Role = "customer" | "agent" | "masterAgent" | "administrator" | "system" | "application";

/** Who can see a message: `public` the customer and the agents, `notes` agents only. Each lane numbers its messages densely by itself. */
export type Lane = "public" | "notes";

/** `open`: being served, or waiting for an agent when `assigneeId` is absent. `resolved`: done. */
export type ConversationStatus = "open" | "resolved";

/** Whether an agent takes conversations. */
export type Availability = "offline" | "online" | "busy" | "transferOnly" | "away";

/** A time by which something is to be done, in open hours; while its clock stands, `leftSeconds` are left. */
export interface ServiceTarget {
  readonly status: "running" | "warned" | "breached" | "met";
  readonly dueAt?: Instant;
  readonly warnAt?: Instant;
  readonly leftSeconds?: number;
  /** Since when the clock has run without a pause, and the open seconds that were left then. */
  readonly runsSince?: Instant;
  readonly runsSeconds?: number;
  readonly warnSeconds: number;
}

/** How urgent a conversation is. */
export type Priority = "none" | "low" | "medium" | "high" | "urgent";

/** A message. It never changes. */
export interface MessageItem {
  readonly conversationId: Uuid;
  readonly lane: Lane;
  /** Its place in the lane: 1, 2, 3 … without holes. Devices order by it, never by time (INV-10). */
  readonly seq: number;
  /** `imdn.Message-ID`. Made by the sending device, which finds its own optimistic copy by it (INV-20). */
  readonly messageId: Uuid;
  /** Who wrote it. */
  readonly personId: Uuid;
  /** As what. */
  readonly role: Role;
  /** When it was committed, by the database's clock. */
  readonly at: Instant;
  /** MIME type of `content`: `text/plain` for now. */
  readonly contentType: string;
  /** Any Unicode text, U+0000 included. */
  readonly content: string;
}

/** The state of a conversation, the same for all its participants. Item kind `conversation`. */
export interface ConversationState {
  /** The number people use, unique in the account: 1, 2, 3 … with holes. */
  readonly displayId: number;
  readonly inboxId: Uuid;
  /** The customer. */
  readonly contactId: Uuid;
  /** The customer's name when the conversation last changed; absent while anonymous. */
  readonly contactName?: string;
  readonly status: ConversationStatus;
  /** The agent it is assigned to; absent while it waits. */
  readonly assigneeId?: Uuid;
  /** The customer is on hold: it may write, and is answered once the conversation is resumed. */
  readonly onHold?: boolean;
  readonly openedAt: Instant;
  /** The current session (OMA CPM Contribution-ID): a new one with each reopening. */
  readonly contributionId: Uuid;
}

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
