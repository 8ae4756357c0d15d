import type { AgentState, Availability, ConversationState, DeviceState, DraftState, ErrorCode, Instant, Lane, MessageItem, ReadState, ReceiptState, Role, Uuid } from "./contract.ts";
import type { Outbox, OutboxEntry } from "./outbox.ts";
import type { Replica } from "./replica.ts";
import type { QueuePlace, QueuePlaces } from "./places.ts";
import type { PassingFacts } from "./passing.ts";

/** Whose device this is. */
export interface Identity {
  readonly personId: Uuid;
  readonly deviceId: Uuid;
  readonly accountId: Uuid;
  readonly role: Role;
}

/** How far a message got: waiting here, refused, on the server, on a device of somebody else's, seen by somebody else. */
export type MessageStatus = "pending" | "failed" | "sent" | "delivered" | "displayed";

/** A message as a user interface shows it. */
export interface MessageView {
  readonly messageId: Uuid;
  readonly conversationId: Uuid;
  readonly lane: Lane;
  /** Absent while the server has not numbered it. */
  readonly seq?: number;
  readonly personId?: Uuid;
  readonly role?: Role;
  readonly at: Instant;
  readonly content: string;
  readonly contentType: string;
  /** Written by this person. */
  readonly own: boolean;
  readonly status: MessageStatus;
  /** With `failed`: why. */
  readonly refused?: { readonly code: ErrorCode; readonly detail?: string };
}

/** A conversation as a user interface lists it. */
export interface ConversationView {
  readonly conversationId: Uuid;
  /** Absent while this device has opened it and the server does not know it. */
  readonly state?: ConversationState;
  readonly unread: number;
  /** The newest message or post, of the public lane. */
  readonly last?: MessageView;
}

/** A draft as a user interface shows it. */
export interface DraftView {
  readonly text: string;
  readonly lane: Lane;
  /** The revision it was typed on: 0 for none. */
  readonly revision: number;
  /** What was typed here on a draft that another device had changed meanwhile: kept until it is dismissed or another draft is stored. */
  readonly conflict?: { readonly text: string; readonly number: number };
}

/** What a desk counts. Each number is the length of a list that this device holds, from the same ordered changes as everything else: there is no counter that could drift. */
export interface DeskCounts {
  /** Open conversations assigned to the person. */
  readonly mine: number;
  /** Open conversations the person takes part in, with messages it has not read. */
  readonly unread: number;
  /** Conversations that no agent has, in all queues. */
  readonly unassigned: number;
  /** The same by queue; a queue in which nothing waits is not among them. */
  readonly queues: ReadonlyMap<Uuid, number>;
  /** Agents by what they say of themselves, without suspended and removed ones. */
  readonly agents: ReadonlyMap<Availability, number>;
}

/** What a user interface asks: the replica with what is still in the outbox laid over it. */
export class Views {
  readonly #replica: Replica;
  readonly #outbox: Outbox;
  readonly #facts: { readonly typing: PassingFacts; readonly viewing: PassingFacts; readonly places: QueuePlaces };
  readonly #identity: () => Identity | undefined;

  constructor(replica: Replica, outbox: Outbox, facts: { readonly typing: PassingFacts; readonly viewing: PassingFacts; readonly places: QueuePlaces }, identity: () => Identity | undefined) {
    this.#replica = replica;
    this.#outbox = outbox;
    this.#facts = facts;
    this.#identity = identity;
  }

  /** All conversations, the one written to last first. */
  conversations(): ConversationView[] {
    const known = this.#replica.itemsOf("conversation").map(({ id }) => id);
    const opened = this.#outbox.entries.flatMap((entry) => (entry.method === "OpenConversation" ? [entry.body.conversationId] : []));
    const moments = (view: ConversationView): string => view.last?.at ?? view.state?.openedAt ?? "9";
    return [...new Set([...known, ...opened])].map((id) => this.conversation(id)).sort((a, b) => (moments(a) < moments(b) ? 1 : -1));
  }

  conversation(conversationId: Uuid): ConversationView {
    const state = this.#replica.item("conversation", conversationId)?.state;
    const last = this.messages(conversationId).at(-1);
    return { conversationId, unread: this.unread(conversationId), ...(state === undefined ? {} : { state }), ...(last === undefined ? {} : { last }) };
  }

  /** The window of a lane, then what this device has posted and synchronisation has not brought. */
  messages(conversationId: Uuid, lane: Lane = "public"): MessageView[] {
    const window = this.#replica.window({ conversationId, lane })?.messages ?? [];
    const receipts = lane === "public" ? this.#receipts(conversationId) : [];
    const arrived = window.map((message) => this.#arrived(message, receipts));
    return [...arrived, ...this.posts().filter((post) => post.conversationId === conversationId && post.lane === lane)];
  }

  /** What this device has posted and synchronisation has not brought, in order. */
  posts(): MessageView[] {
    const views: MessageView[] = [];
    for (const entry of this.#outbox.entries) {
      if (entry.method === "PostMessage" && entry.seen !== true && !this.#replica.shows(entry.body.messageId)) views.push(this.#posted(entry));
    }
    return views;
  }

  /** Messages of others above the read position: by their highest seq, so own messages between them count. */
  unread(conversationId: Uuid): number {
    return Math.max(0, this.lastOfOthers(conversationId) - this.readPosition(conversationId));
  }

  /** The seq of the newest message held that somebody else wrote; 0: none. */
  lastOfOthers(conversationId: Uuid): number {
    const personId = this.#identity()?.personId;
    return this.#replica.window({ conversationId, lane: "public" })?.findLast((message) => message.personId !== personId)?.seq ?? 0;
  }

  /** The highest message read, on any of the person's devices, or here and not yet told. */
  readPosition(conversationId: Uuid, lane: Lane = "public"): number {
    const stored = this.#own("read", conversationId)?.state as ReadState | undefined;
    const told = this.#given(conversationId).flatMap((entry) => (entry.method === "MarkRead" && entry.body.lane === lane ? [entry.body.seq] : []));
    return Math.max((lane === "public" ? stored?.seq : stored?.notesSeq) ?? 0, ...told);
  }

  draft(conversationId: Uuid): DraftView | undefined {
    const stored = this.#own("draft", conversationId);
    const given = this.#given(conversationId).findLast((entry) => entry.method === "SetDraft");
    const refused = this.#outbox.entries.findLast((entry) => entry.method === "SetDraft" && entry.body.conversationId === conversationId && entry.refused !== undefined);
    const { text, lane } = (given?.method === "SetDraft" ? given.body : undefined) ?? (stored?.state as DraftState | undefined) ?? { text: "", lane: "public" };
    const revision = Math.max(stored?.revision ?? 0, given?.accepted?.revision ?? 0);
    const conflict = refused?.method === "SetDraft" ? { conflict: { text: refused.body.text, number: refused.number } } : {};
    return text === "" && revision === 0 && refused === undefined ? undefined : { text, lane, revision, ...conflict };
  }

  /** Other people typing in a conversation. */
  typing(conversationId: Uuid): Uuid[] {
    const personId = this.#identity()?.personId;
    return this.#facts.typing.in(conversationId).filter((person) => person !== personId);
  }

  /** Where a customer's waiting conversation stands, as the server has told last; nothing when it does not wait, or the server has not told for a while. */
  queuePlace(conversationId: Uuid): QueuePlace | undefined {
    return this.#facts.places.of(conversationId);
  }

  /** Colleagues who have the conversation open, as far as it was told; customers are told of nobody. */
  viewing(conversationId: Uuid): Uuid[] {
    const personId = this.#identity()?.personId;
    return this.#facts.viewing.in(conversationId).filter((person) => person !== personId);
  }

  /** The person's own devices, the newest first. */
  devices(): (DeviceState & { readonly deviceId: Uuid; readonly current: boolean })[] {
    const current = this.#identity()?.deviceId;
    return this.#replica
      .itemsOf("device")
      .map(({ id, state }) => ({ ...state, deviceId: id, current: id === current }))
      .sort((a, b) => (a.signedInAt < b.signedInAt ? 1 : -1));
  }

  /** Agents of the tenant, by name. */
  agents(): (AgentState & { readonly agentId: Uuid })[] {
    return this.#replica
      .itemsOf("agent")
      .map(({ id, state }) => ({ ...state, agentId: id }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  counts(): DeskCounts {
    const personId = this.#identity()?.personId;
    const open = this.#replica.itemsOf("conversation").filter(({ state }) => state.status === "open");
    const waiting = this.#replica.itemsOf("waiting");
    const agents = this.#replica.itemsOf("agent").filter(({ state }) => state.suspended !== true && state.removed !== true);
    return {
      mine: open.filter(({ state }) => state.assigneeId !== undefined && state.assigneeId === personId).length,
      unread: open.filter(({ id }) => this.unread(id) > 0).length,
      unassigned: waiting.length,
      queues: tally(waiting.map(({ state }) => state.queueId)),
      agents: tally(agents.map(({ state }) => state.availability)),
    };
  }

  /** The conversation the person has open on the desk, on any device. */
  openConversation(): Uuid | undefined {
    const personId = this.#identity()?.personId;
    const given = this.#outbox.entries.findLast((entry) => entry.method === "SetOpenConversation");
    if (given?.method === "SetOpenConversation") return given.body.conversationId;
    return personId === undefined ? undefined : this.#replica.item("openConversation", personId)?.state.conversationId;
  }

  /** An object of any kind, as the server last described it. */
  item: Replica["item"] = (kind, id) => this.#replica.item(kind, id);

  /** All objects of a kind. */
  itemsOf: Replica["itemsOf"] = (kind) => this.#replica.itemsOf(kind);

  #arrived(message: MessageItem, receipts: readonly (readonly [string, ReceiptState])[]): MessageView {
    const others = receipts.filter(([personId]) => personId !== message.personId).map(([, receipt]) => receipt);
    const status = others.some(({ displayed }) => displayed >= message.seq) ? "displayed" : others.some(({ delivered }) => delivered >= message.seq) ? "delivered" : "sent";
    return { ...message, own: message.personId === this.#identity()?.personId, status };
  }

  #posted(entry: OutboxEntry & { readonly method: "PostMessage" }): MessageView {
    const { conversationId, messageId, lane, content, contentType = "text/plain" } = entry.body;
    const identity = this.#identity();
    return {
      conversationId,
      messageId,
      lane,
      content,
      contentType,
      own: true,
      at: entry.accepted?.at ?? new Date(entry.givenAt).toISOString(),
      status: entry.refused !== undefined ? "failed" : entry.accepted !== undefined ? "sent" : "pending",
      ...(identity === undefined ? {} : { personId: identity.personId, role: identity.role }),
      ...(entry.accepted?.seq === undefined ? {} : { seq: entry.accepted.seq }),
      ...(entry.refused === undefined ? {} : { refused: entry.refused }),
    };
  }

  #receipts(conversationId: Uuid): (readonly [string, ReceiptState])[] {
    return this.#replica.hangingOn(conversationId, "receipt").map(({ id, state }) => [id.slice(conversationId.length + 1), state as ReceiptState] as const);
  }

  #own(kind: "read" | "draft", conversationId: Uuid): ReturnType<Replica["item"]> {
    const personId = this.#identity()?.personId;
    return personId === undefined ? undefined : this.#replica.item(kind, `${conversationId}/${personId}`);
  }

  /** What this device was told and the replica does not show yet. */
  #given(conversationId: Uuid): OutboxEntry[] {
    return this.#outbox.entries.filter((entry) => entry.refused === undefined && "conversationId" in entry.body && entry.body.conversationId === conversationId);
  }
}

function tally<T>(all: readonly T[]): Map<T, number> {
  const counted = new Map<T, number>();
  for (const one of all) counted.set(one, (counted.get(one) ?? 0) + 1);
  return counted;
}
