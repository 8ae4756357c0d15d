/** What agents do with a communication besides writing in it, and what they see of it. The customer sees none of this. */
import type { Instant, Json, Lane, Outcome, Priority, ServiceTarget, Uuid } from "./contract-words.ts";

/** How the contact centre handles a conversation: what its agents share and its customer never sees. Item kind `handling`, id `{conversation}/{conversation}`. */
export interface HandlingState {
  /** The queue it waits in, or came through; the account's own id is the queue every account has. */
  readonly queueId: Uuid;
  /** How urgent it is; absent: `none`. */
  readonly priority?: Priority;
  /** The agents who take part, in the order they joined. */
  readonly agents: readonly { readonly agentId: Uuid; readonly part: Part }[];
  /** The agent it is offered to; with `fromId` by the agent who transfers it. */
  readonly offer?: { readonly agentId: Uuid; readonly revision: number; readonly at: Instant; readonly expiresAt: Instant; readonly fromId?: Uuid };
  /** Agents it was offered to in vain since it last waited anew. */
  readonly passed: readonly Uuid[];
  /** When the last of them passed. */
  readonly passedAt?: Instant;
  /** By when the customer is to be answered, and the matter resolved. */
  readonly targets?: { readonly queueId: Uuid; readonly firstResponse?: ServiceTarget; readonly resolution?: ServiceTarget };
  /** The queue it went on from because it waited there too long, or too much did. */
  readonly overflowedFromId?: Uuid;
  /** When the customer was told that its queue is closed. */
  readonly offlineSince?: Instant;
  /** Who holds it, on which device, and since when. */
  readonly hold?: { readonly agentId: Uuid; readonly deviceId: Uuid; readonly since: Instant };
  /** It is put off: until a time, or until the customer writes. */
  readonly snooze?: { readonly byId: Uuid; readonly since: Instant; readonly until?: Instant };
  /** How it ended, in the account's own words; absent while it is open. */
  readonly disposition?: string;
  /** The transfer under way, or with `outcome` how the last one ended. */
  readonly transfer?: Transfer;
  /** Names of labels the account has defined, sorted; one that is no longer defined is not shown. */
  readonly labels: readonly string[];
  /** Values of the account's own attributes of conversations; one that is no longer defined is not shown. */
  readonly customAttributes: Readonly<Record<string, Json>>;
}

/** How conversations of an inbox or queue may end. Item kind `dispositions`, id the inbox's or queue's. */
export interface DispositionsState {
  readonly names: readonly string[];
  /** Nothing is resolved without one. */
  readonly required?: boolean;
}

/** A canned response (`text`) or a macro (`steps`). Those of the account and of groups are told to all agents. Item kinds `cannedResponse` and `macro`. */
export interface ShortcutState {
  readonly scope: "account" | "group" | "person";
  /** The group or the person. */
  readonly ownerId?: Uuid;
  /** What it is found by. */
  readonly name: string;
  /** Of a canned response. */
  readonly text?: string;
  /** Of a macro: carried out in this order, all or nothing. */
  readonly steps?: readonly MacroStep[];
}

/** A step of a macro: a message, or a control operation with what it needs. */
export interface MacroStep {
  readonly operation: string;
  readonly agentId?: Uuid;
  readonly groupId?: Uuid;
  readonly queueId?: Uuid;
  readonly text?: string;
  /** Absent: public. */
  readonly lane?: Lane;
  readonly priority?: Priority;
  /** All labels it is to have. */
  readonly labels?: readonly string[];
  /** Absent: until the customer writes. */
  readonly snoozeMinutes?: number;
  readonly disposition?: string;
}

/** As what an agent takes part: serves the customer, reads and writes along, is consulted before a transfer, monitors, reads along because a note mentions it or it wrote one, or had it before it was transferred and reads on; of the last four the customer sees nothing. */
export type Part = "server" | "collaborator" | "consultant" | "monitor" | "reader" | "former";

/** The newest note that mentions the person; unread while its `read` has a lower `notesSeq`. Item kind `mention`, id `{conversation}/{person}`. */
export interface MentionState {
  readonly notesSeq: number;
  readonly messageId: Uuid;
  readonly byId: Uuid;
  readonly at: Instant;
}

/** What was whispered to the person in a conversation, or by it: the newest, oldest first. Item kind `whispers`, id `{conversation}/{person}`. */
export interface WhispersState {
  readonly whispers: readonly { readonly id: Uuid; readonly fromId: Uuid; readonly toId: Uuid; readonly at: Instant; readonly text: string }[];
}

/** A transfer to one of agent, group and queue. Until it is completed the conversation stays with `fromId`. */
export interface Transfer {
  readonly kind: "blind" | "attended";
  /** The agent who had it when the transfer began. */
  readonly fromId: Uuid;
  /** Who asked for it. */
  readonly byId: Uuid;
  readonly agentId?: Uuid;
  readonly groupId?: Uuid;
  readonly queueId?: Uuid;
  /** The queue it had come through to `fromId`: when the transfer fails, that is its queue again. */
  readonly fromQueueId: Uuid;
  readonly at: Instant;
  /** When it fails unless somebody has accepted it by then. */
  readonly until: Instant;
  /** The agent who is being consulted. */
  readonly consultantId?: Uuid;
  /** Agents who did not take it. */
  readonly passed: readonly Uuid[];
  /** How it ended; absent while it is under way. */
  readonly outcome?: "completed" | "declined" | "noAnswer" | "cancelled" | "withdrawn";
}

/** What can be done to a communication besides posting, assigning, resolving and reopening. */
export type Control =
  /** The agent a conversation is offered to takes it; of all who try, on whatever device, one wins. */
  | { readonly operation: "acceptOffer" }
  /** The agent a conversation is offered to does not take it: it is offered to another. */
  | { readonly operation: "declineOffer" }
  /** Puts the customer on hold; agents' messages are refused with `onHold`. */
  | { readonly operation: "hold" }
  /** Ends a hold, whoever began it. */
  | { readonly operation: "resume" }
  /** Transfers unattended; `text` becomes a note for whoever gets it. */
  | ({ readonly operation: "transfer"; readonly text?: string } & TransferTarget)
  /** Begins an attended transfer: whoever accepts is consulted, unseen by the customer. */
  | ({ readonly operation: "consult"; readonly text?: string } & TransferTarget)
  /** Gives the conversation to the agent who was consulted. */
  | { readonly operation: "completeTransfer" }
  /** Calls a transfer off: everything is as it was before it. */
  | { readonly operation: "cancelTransfer" }
  /** Lets an agent read and write along. */
  | { readonly operation: "addParticipant"; readonly agentId: Uuid }
  /** Takes an agent out: oneself, or another from a conversation one has. */
  | { readonly operation: "removeParticipant"; readonly agentId: Uuid }
  /** A supervisor reads along, unseen by the customer; it leaves by `removeParticipant`. */
  | { readonly operation: "monitor" }
  /** A supervisor who takes part says something to the agent who has the conversation, and to nobody else. */
  | { readonly operation: "whisper"; readonly text: string }
  /** A supervisor writes along from now on. */
  | { readonly operation: "barge" }
  /** A supervisor takes the conversation from the agent who has it. */
  | { readonly operation: "takeOver" }
  /** Says which labels the conversation has, and changes its attributes: null takes one away. */
  | { readonly operation: "tag"; readonly labels?: readonly string[]; readonly customAttributes?: Readonly<Record<string, Json>> }
  /** Puts a conversation that has an agent off: until a time, or until the customer writes. */
  | { readonly operation: "snooze"; readonly until?: Instant }
  /** Ends a snooze. */
  | { readonly operation: "unsnooze" }
  /** Says how urgent it is. */
  | { readonly operation: "setPriority"; readonly priority: Priority }
  /** As `ResolveConversation`. */
  | { readonly operation: "resolve"; readonly disposition?: string }
  /** As `ReopenConversation`. */
  | { readonly operation: "reopen" }
  /** As `AssignConversation`. */
  | { readonly operation: "assign"; readonly agentId?: Uuid }
  /** Carries out all steps of a macro, or none; a refusal's `detail` names the step. */
  | { readonly operation: "executeMacro"; readonly macroId: Uuid };

/** What is done to many conversations: any step of a macro but a post, or a macro. */
export type ControlOfMany = { readonly step: MacroStep } | { readonly macroId: Uuid };

/** Does the same to many conversations, each by itself. It takes as many numbers as it names conversations, one for each in their order. */
export type ControlConversations = { readonly number: number; readonly conversationIds: readonly Uuid[] } & ControlOfMany;

/** What became of many; `outcome` says why nothing was tried, or that one is to be tried again: repeat it as it was. */
export interface ControlledConversations {
  readonly outcome: Outcome;
  readonly results: readonly { readonly conversationId: Uuid; readonly outcome: Outcome }[];
}

/** Where a conversation is to be transferred to. */
export type TransferTarget = { readonly agentId: Uuid } | { readonly groupId: Uuid } | { readonly queueId: Uuid };
