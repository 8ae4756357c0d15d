/**
 * The contract between a device and the server, as JSON on the SignalR hub `/hubs/v1/device`: the TypeScript face of `Rcc.Contracts`.
 * Member names are camelCase. Absent members are left out. Unknown members are ignored.
 */

import type { Confirmation, LoadMessages, MessagePage, SyncAnswer, SyncRequest } from "./contract-sync.ts";
import type { Availability, ConversationState, Instant, Json, Lane, Outcome, Priority, Role, ServiceTarget, Uuid } from "./contract-words.ts";
import type { Control, ControlConversations, ControlledConversations, DispositionsState, HandlingState, MentionState, ShortcutState, WhispersState } from "./control.ts";

export type * from "./contract-sync.ts";
export type * from "./contract-words.ts";
export type * from "./control.ts";

/** A customer the person serves, as the person may see it. Item kind `contact`. One that was merged into another has `mergedInto` and nothing else: look there. */
export interface ContactState {
  readonly name?: string;
  /** What the customer gave, unproven; proven ones are among `addresses`. */
  readonly email?: string;
  /** The account's own id for the customer. */
  readonly identifier?: string;
  readonly addresses: readonly { readonly kind: "tel" | "mailto" | "sip" | "web"; readonly value: string; readonly verified: boolean }[];
  readonly labels: readonly string[];
  readonly customAttributes: Readonly<Record<string, Json>>;
  /** One value for each name; the volatile ones are in `volatileContext`. */
  readonly context: readonly ContextValue[];
  readonly createdAt: Instant;
  readonly mergedInto?: Uuid;
}

/** A piece of context information. Of several of one name the first source counts: manual before inferred before database, and volatile before persistent of one source. A value that is gone says nothing. */
export interface ContextValue {
  /** `{namespace}:{name}`. */
  readonly name: string;
  /** Of `geopriv:location` a `Location`, as exactly as the person may know it. */
  readonly value: Json;
  readonly source: "manual" | "inferred" | "database";
  /** Absent for the server itself. */
  readonly setBy?: Uuid;
  readonly setAt: Instant;
  /** From when on it does not count any more: a device drops it then by itself. */
  readonly expiresAt?: Instant;
  /** Since when the database has not confirmed it. */
  readonly staleSince?: Instant;
  /** The conversation it was inferred from. */
  readonly conversationId?: Uuid;
}

/** Where a customer or an agent is: the value of `geopriv:location`, with a position, an address or both. */
export interface Location {
  /** WGS 84, in degrees and metres; `uncertainty` is the radius in which it is. */
  readonly geodetic?: { readonly latitude: number; readonly longitude: number; readonly altitude?: number; readonly uncertainty?: number };
  /** By element of RFC 5139: `country`, `A1` … `A6`, `PC`, `RD`, `HNO` … */
  readonly civic?: Readonly<Record<string, string>>;
  /** How it was found out: `GPS`, `Cell`, `Manual` … */
  readonly method?: string;
  readonly timestamp?: Instant;
}

/** Context information of a contact or an agent that is not durable. Item kind `volatileContext`, id that of the contact or agent. */
export interface VolatileContextState {
  readonly context: readonly ContextValue[];
}

/** Persistent context information about an agent: told to the agent itself, and to who runs and who supervises its group. Item kind `agentContext`, id the agent's. */
export interface AgentContextState {
  readonly context: readonly ContextValue[];
}

/**
 * Which of an agent's devices are there: told to the agent itself, and to who runs and who supervises its group. Item kind `presence`, id the agent's. What nobody knows is absent, not closed: also all of it when it was `lost`.
 */
export interface PresenceState {
  readonly devices: readonly DevicePresence[];
}

export interface DevicePresence {
  readonly id: Uuid;
  readonly name: string;
  /** Connected or not. */
  readonly basic: "open" | "closed";
  /** Absent while it is not connected. */
  readonly userInput?: {
    readonly state: "active" | "idle";
    /** When it was used last; of one that is idle and says after how long. */
    readonly lastInput?: Instant;
    readonly idleThresholdSeconds?: number;
  };
  /** Since when it is so. */
  readonly timestamp: Instant;
}

/** Whom a piece of context information is about: a customer the agent serves, the agent itself, or an agent it manages. */
export type ContextOwner = { readonly contactId: Uuid } | { readonly agentId: Uuid };

/** A piece of context information to set. */
export interface NewContext {
  readonly name: string;
  readonly value: Json;
  /** Absent: manual. */
  readonly source?: "manual" | "inferred";
  /** Not durable: it always expires. */
  readonly volatile?: boolean;
  /** How many seconds it counts; absent: until it is cleared, or some minutes when volatile. */
  readonly lifetimeSeconds?: number;
  /** The open conversation it is inferred from: it goes with it. */
  readonly conversationId?: Uuid;
}

/** Labels and attributes the account has defined. Item kind `contactSettings`. */
export interface ContactSettingsState {
  readonly labels: readonly { readonly name: string; readonly color: string; readonly description?: string }[];
  readonly customAttributes: readonly {
    readonly key: string;
    readonly of: "contact" | "conversation";
    readonly type: "text" | "number" | "checkbox" | "date" | "link" | "list";
    readonly displayName: string;
    readonly values: readonly string[];
  }[];
}

/** A conversation that is offered to the person. When it ends it is told once more, with `outcome`, and is `left`. Item kind `offer`, id `{conversation}/{person}`. */
export interface OfferState {
  readonly displayId: number;
  readonly queueId: Uuid;
  readonly contactName?: string;
  readonly at: Instant;
  /** When it is recalled. */
  readonly expiresAt: Instant;
  /** The agent who transfers it. */
  readonly fromId?: Uuid;
  /** Who accepts is consulted first, and has not got it yet. */
  readonly consultation?: boolean;
  readonly outcome?: string;
  /** The device that accepted or declined it. */
  readonly deviceId?: Uuid;
}

/** A conversation that waits in a queue: the length of a queue is how many of these there are. Item kind `waiting`, id the conversation's. */
export interface WaitingState {
  readonly queueId: Uuid;
  readonly displayId: number;
  readonly since: Instant;
  /** By when the customer is to be answered. */
  readonly firstResponse?: ServiceTarget;
  /** The most urgent comes first, of these who waits longest, of these the lower number; absent: `none`. */
  readonly priority?: Priority;
}

/** A queue: what waits in it, and how that comes to an agent. Item kind `queue`; the one every account has bears the account's id and is only told once somebody has changed it. */
export interface QueueState {
  readonly name: string;
  /** The master agent who made it and runs it. */
  readonly masterAgentId?: Uuid;
  /** 0 … 100: of what waits equally urgently in two queues, the one of the higher number comes first. */
  readonly priority?: number;
  /** Who of those who could take it gets a conversation: who serves the fewest, or who was given one longest ago. */
  readonly policy: "leastBusy" | "longestIdle";
  /** Which agents may take by hand what waits here; absent: those who serve it. */
  readonly selfAssign?: "members" | "anyone" | "nobody";
  /** With no group and no agent named, all agents of the account serve it. */
  readonly groupIds?: readonly Uuid[];
  readonly agentIds?: readonly Uuid[];
  /** Only an agent with all of these is given what waits here. */
  readonly skills?: readonly string[];
  /** How long an agent has to accept an offer; absent: conversations are given without asking. */
  readonly offerSeconds?: number;
  /** Open seconds within which an agent is to write to the customer for the first time, and the conversation is to be resolved. */
  readonly firstResponseSeconds?: number;
  readonly resolutionSeconds?: number;
  /** When it is served; absent: always. Outside, what comes in waits. */
  readonly hours?: BusinessHours;
  /** What a customer whose conversation waits outside the hours is told, once. */
  readonly offlineMessage?: string;
  /** The queue that what waits here too long, or in vain, goes on to. */
  readonly overflowQueueId?: Uuid;
  readonly maxWaitSeconds?: number;
  readonly maxLength?: number;
  /** What is transferred here and nobody takes goes back to the agent who had it after so long; absent: as long as the server gives. */
  readonly transferSeconds?: number;
  /** An agent who has not answered the customer for so long loses the conversation. */
  readonly reassignAfterSeconds?: number;
  /** What nobody has written in for so long is resolved, after an agent has answered; and what the customer is told then. */
  readonly autoResolveAfterHours?: number;
  readonly autoResolveMessage?: string;
  readonly offlineMessageWhenUnattended?: boolean;
}

/** When a queue is served, by the clocks of a place (an IANA time zone). Times are `HH:mm:ss`, days `yyyy-mm-dd`; hours that end at or before their beginning end on the next day. */
export interface BusinessHours {
  readonly timeZone: string;
  readonly open: readonly { readonly day: string; readonly from: string; readonly to: string }[];
  readonly holidays?: readonly { readonly from: string; readonly to?: string; readonly name?: string }[];
}

/** How far a person has the messages of a conversation (RFC 5438). Both only move forward. Item kind `receipt`, id `{conversation}/{person}`. */
export interface ReceiptState {
  /** On at least one of the person's devices. */
  readonly delivered: number;
  /** Seen by the person. */
  readonly displayed: number;
}

/** The person's own read position, shared by the person's devices. Item kind `read`, id `{conversation}/{person}`. */
export interface ReadState {
  readonly seq: number;
  readonly notesSeq: number;
}

/** The person's own unsent text, shared by the person's devices. Item kind `draft`, id `{conversation}/{person}`. */
export interface DraftState {
  /** Empty when there is none. */
  readonly text: string;
  /** Whether it is to become a message or a note. */
  readonly lane: Lane;
}

/** Which conversation the person has open, shared by the person's devices. Item kind `openConversation`, id the person's. */
export interface OpenConversationState {
  readonly conversationId?: Uuid;
}

/** An agent, as colleagues see it. Item kind `agent`. */
export interface AgentState {
  readonly name: string;
  readonly role: Role;
  readonly availability: Availability;
  /** It follows from the use of the agent's devices; absent: set by hand. */
  readonly availabilityInferred?: boolean;
  /** The tenant's own word for it. */
  readonly availabilityLabel?: string;
  /** What the agent says about it. */
  readonly availabilityNote?: string;
  readonly availabilitySince?: Instant;
  /** When what was set by hand expires. */
  readonly availabilityUntil?: Instant;
  readonly groupId?: Uuid;
  /** Signed out everywhere, cannot sign in. */
  readonly suspended?: boolean;
  /** Invited, and has not come yet. */
  readonly invited?: boolean;
  /** Gone for ever; kept so that history can say who it was. */
  readonly removed?: boolean;
  /** What the agent is good at. */
  readonly skills?: readonly string[];
  /** Conversations it has at once; absent: the default. */
  readonly capacity?: number;
  /** What it may do with conversations, as bits; absent: everything. */
  readonly controls?: number;
  /** It signs in with a second factor. */
  readonly secondFactor?: boolean;
  /** Its manager requires a second factor of it. */
  readonly secondFactorRequired?: boolean;
}

/** A group of sub-agents. Item kind `group`. */
export interface GroupState {
  readonly name: string;
  readonly masterAgentId: Uuid;
  /** Agents who may supervise conversations of the group's agents, besides who runs it. */
  readonly supervisorIds?: readonly Uuid[];
}

/** The tenant, as its agents see it. Item kind `account`. */
export interface AccountState {
  readonly name: string;
  readonly suspended?: boolean;
  /** When the tenant is deleted, unless that is cancelled. */
  readonly deletesAt?: Instant;
  /** The services contracted: `transfers`, `supervision` and others. Absent: all. */
  readonly services?: readonly string[];
  /** How the tenant looks to its customers. */
  readonly branding?: AccountBranding;
}

/** How a tenant looks to its customers; absent members are the product's own. */
export interface AccountBranding {
  readonly name?: string;
  /** `#rrggbb`. */
  readonly primaryColor?: string;
  /** `#rrggbb`. */
  readonly accentColor?: string;
  /** An absolute https URL. */
  readonly logoUrl?: string;
}

/** One of the person's own devices. Item kind `device`. */
export interface DeviceState {
  readonly name: string;
  readonly signedInAt: Instant;
  /** Absent while it may connect. */
  readonly signedOutAt?: Instant;
}

/** A way in for customers. Item kind `inbox`. */
export interface InboxState {
  readonly name: string;
  /** Where its conversations wait; absent: in the queue every account has. */
  readonly queueId?: Uuid;
  /** What a customer may choose when it opens a conversation, in the order in which they are offered. */
  readonly departments: readonly InboxDepartment[];
  /** It takes no new customers and no new conversations; what there is goes on. */
  readonly archived?: boolean;
}

/** A part of the company that customers may turn to. */
export interface InboxDepartment {
  /** The queue where its conversations wait; the account's own id for the one every account has. */
  readonly id: Uuid;
  /** What customers read. */
  readonly name: string;
}

/** The state behind each kind of item this client knows. Other kinds are kept as they come. */
export interface ItemStates {
  readonly conversation: ConversationState;
  readonly handling: HandlingState;
  readonly offer: OfferState;
  readonly waiting: WaitingState;
  readonly mention: MentionState;
  readonly whispers: WhispersState;
  readonly queue: QueueState;
  readonly dispositions: DispositionsState;
  readonly cannedResponse: ShortcutState;
  readonly macro: ShortcutState;
  readonly receipt: ReceiptState;
  readonly read: ReadState;
  readonly draft: DraftState;
  readonly openConversation: OpenConversationState;
  readonly contact: ContactState;
  readonly volatileContext: VolatileContextState;
  readonly agentContext: AgentContextState;
  readonly presence: PresenceState;
  readonly contactSettings: ContactSettingsState;
  readonly agent: AgentState;
  readonly group: GroupState;
  readonly device: DeviceState;
  readonly account: AccountState;
  readonly inbox: InboxState;
}

/** Asks where a waiting conversation stands in its queue. */
export interface LoadQueuePosition {
  readonly conversationId: Uuid;
}

/** Where a waiting conversation stood in its queue when it was asked; `conflict` when it does not wait. */
export interface QueuePosition {
  readonly outcome: Outcome;
  /** 1: the next. */
  readonly position?: number;
  /** How long it may still take, by the pace at which the queue is served; absent while that cannot be told. */
  readonly estimatedSeconds?: number;
  /** When the queue opens; absent: it is open, or does not open any more. */
  readonly opensAt?: Instant;
}

/**
 * The durable commands by their hub method, without the number that the outbox gives them.
 * A number identifies a command for ever: a retry with the same number gets the first answer.
 */
export interface Commands {
  /** A customer opens a conversation; the id is made by the device. */
  readonly OpenConversation: { readonly conversationId: Uuid; readonly departmentId?: Uuid };
  /** Gives the server a message to append. An agent's is refused with `closed` while the conversation is resolved. */
  readonly PostMessage: {
    readonly conversationId: Uuid;
    readonly messageId: Uuid;
    readonly lane: Lane;
    /** 1 byte … `maxContentBytes`. */
    readonly content: string;
    /** Absent: `text/plain`. */
    readonly contentType?: string;
    /** Agents whom a note mentions: they are told, and take part from now on. */
    readonly mentions?: readonly Uuid[];
  };
  /** Closes a conversation. Closing a resolved one changes nothing and is ok. */
  readonly ResolveConversation: { readonly conversationId: Uuid; readonly disposition?: string };
  /** Opens a resolved conversation again. Reopening an open one changes nothing and is ok. */
  readonly ReopenConversation: { readonly conversationId: Uuid };
  /** Gives a conversation to an agent, or (without one) back to the waiting ones. */
  readonly AssignConversation: { readonly conversationId: Uuid; readonly agentId?: Uuid };
  /** Controls a communication. What the server does not know is answered `unknownOperation`. */
  readonly ControlConversation: { readonly conversationId: Uuid } & Control;
  /** A person saw the messages up to here on a screen. Never sent for opening a list. */
  readonly MarkRead: { readonly conversationId: Uuid; readonly lane: Lane; readonly seq: number };
  /** Keeps an unsent text; an empty one removes it. `conflict` when another device has changed the draft since `ifRevision` (0: none). */
  readonly SetDraft: { readonly conversationId: Uuid; readonly text: string; readonly lane: Lane; readonly ifRevision?: number };
  /** Says which conversation the agent has open; absent: none. */
  readonly SetOpenConversation: { readonly conversationId?: Uuid };
  /** Says whether the agent takes conversations: by hand, by one of the tenant's own words, or, with neither, as its devices are in use. */
  readonly SetAvailability: { readonly availability?: Availability; readonly label?: string; readonly note?: string; readonly until?: Instant };
  /** Sets a piece of context information. A source says one thing of a name: what it said before is gone. */
  readonly SetContext: ContextOwner & NewContext;
  /** Takes one away: what a source says of the name, or without one what all do. */
  readonly ClearContext: ContextOwner & { readonly name: string; readonly source?: ContextValue["source"] };
}

/** The hub method of a durable command. */
export type CommandMethod = keyof Commands;

/** Typing or not (RFC 3994). Not kept, not numbered, may be dropped. */
export interface Typing {
  readonly conversationId: Uuid;
  /** What is typed becomes a message, or a note: of that agents alone are told. Absent: public. */
  readonly lane?: Lane;
  readonly active: boolean;
}

/** A request of the REST API on a connection of the hub; the OpenAPI document (`/openapi/v1.json`) lists the routes. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path below `/api/v1/accounts/{account_id}`, with its query, percent-encoded: `/agents?limit=10`. Empty: the account itself. */
  readonly path: string;
  readonly body?: unknown;
  /** What a repetition of a request that changes something is known by. */
  readonly idempotencyKey?: string;
}

/** The answer to a request of the REST API. */
export interface ApiAnswer {
  /** The code and detail that HTTP has in its problem. `tooLarge` for an answer above `maxApiAnswerBytes`, `unknownOperation` for one that is no JSON: both are to be had by HTTP. */
  readonly outcome: Outcome;
  readonly body?: unknown;
}

/** The hub methods that are not durable commands, with request and answer. */
export interface Calls {
  readonly Synchronize: [SyncRequest, SyncAnswer];
  readonly Confirm: [Confirmation, Outcome];
  readonly LoadMessages: [LoadMessages, MessagePage];
  readonly SetTyping: [Typing, Outcome];
  /** `idleThresholdSeconds`: after how long without input the device says that it is idle. */
  readonly SetActivity: [{ readonly active: boolean; readonly idleThresholdSeconds?: number }, Outcome];
  readonly LoadQueuePosition: [LoadQueuePosition, QueuePosition];
  readonly Request: [ApiRequest, ApiAnswer];
  readonly ControlConversations: [ControlConversations, ControlledConversations];
}
