import { Arrivals } from "./arrivals.ts";
import { canonicalHash } from "./canonical.ts";
import { type BackOff, type Clock, systemClock } from "./clock.ts";
import { Confirming } from "./confirming.ts";
import type { ApiAnswer, ApiRequest, Commands, ContextOwner, ContextValue, Control, ControlledConversations, ControlOfMany, Lane, NewContext, Outcome, PushBatch, QueuePosition, SyncAnswer, SyncFilter, SyncLimits, SyncRequest, Uuid } from "./contract.ts";
import { uuidV7 } from "./ids.ts";
import { type Change, Edit, Journal } from "./journal.ts";
import { Link, type LinkOptions, type Phase, type StopReason } from "./link.ts";
import { Loading } from "./loading.ts";
import { type Command, isWaiting, Outbox, type OutboxEntry } from "./outbox.ts";
import { Replica } from "./replica.ts";
import { Sending } from "./sending.ts";
import { Signal } from "./signal.ts";
import type { Rows, Store } from "./store.ts";
import type { Transport } from "./transport.ts";
import { QueuePlaces } from "./places.ts";
import { PassingFacts, TypingNotice } from "./passing.ts";
import { type Identity, Views } from "./views.ts";

/** What a device needs, and what may be set otherwise. */
export interface DeviceOptions {
  readonly store: Store;
  readonly transport: Transport;
  /** What this device keeps; absent: everything. Another filter than at the last start makes the device start from nothing, by itself. */
  readonly filter?: SyncFilter;
  /** Messages loaded per conversation and lane: 1 … Infinity. Default 200. */
  readonly historyMessages?: number;
  /**
   * Messages held at most, in memory and in the store: 1 … Infinity. Default 20000. Beyond it the oldest ones of conversations that are neither open nor watched are let go of; they are loaded again
   * when somebody looks, see {@link Device.watch}. What a list shows of a conversation stays.
   */
  readonly heldMessages?: number;
  /** Rows a page of changes may carry; absent: the server's choice. */
  readonly pageItems?: number;
  /** Commands the outbox keeps; one more is refused with `tooLarge`. Default 1000. */
  readonly maxOutboxCommands?: number;
  /** Default 0.5 s … 30 s, full jitter. */
  readonly reconnect?: BackOff;
  /** Default 30 s. */
  readonly callTimeoutMs?: number;
  readonly clock?: Clock;
}

/** Where the device stands. */
export interface DeviceStatus {
  readonly phase: Phase;
  /** With `stopped`. */
  readonly stopReason?: StopReason;
  /** Commands whose outcome is not known yet. */
  readonly waiting: number;
}

/** A command that was given. */
export interface Given {
  /** 0: it was refused here, because a text is too large or the outbox is full, and never sent. */
  readonly number: number;
  /** Resolves when the outcome is final, however long the device is offline. Not at all when the program ends before; then see {@link Device.outcomes}. */
  readonly outcome: Promise<Outcome>;
}

/** A post that was given. */
export interface GivenPost extends Given {
  readonly messageId: Uuid;
}

/** The final outcome of a command, also of one given before a restart. */
export interface Settled {
  readonly entry: OutboxEntry;
  readonly outcome: Outcome;
}

const retry: BackOff = { floorMs: 500, ceilingMs: 30_000 };

/** Before a server has named its own. */
const unknownLimits = { maxContentBytes: 64 * 1024, maxDraftBytes: 16 * 1024 };

/**
 * One device of one person: a local store that a server keeps up to date, and commands that reach the server sooner or later. Everything it shows is
 * there without a connection; everything it is told works without one.
 */
export class Device {
  /** What changed since the last turn of the event loop; ask {@link views} again for what you show. */
  readonly changes = new Signal<readonly Change[]>();
  /** Final outcomes. */
  readonly outcomes = new Signal<Settled>();
  readonly views: Views;

  readonly #clock: Clock;
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #replica: Replica;
  readonly #outbox: Outbox;
  readonly #arrivals: Arrivals;
  readonly #link: Link;
  readonly #loading: Loading;
  readonly #sending: Sending;
  readonly #confirming: Confirming;
  readonly #typing: PassingFacts;
  readonly #viewing: PassingFacts;
  readonly #places: QueuePlaces;
  readonly #notice: TypingNotice;
  readonly #filter: SyncFilter | undefined;
  readonly #pageItems: number | undefined;
  readonly #maxOutboxCommands: number;
  #limits: Pick<SyncLimits, "maxContentBytes" | "maxDraftBytes">;
  /** By conversation, how many look at it. */
  readonly #watched = new Map<Uuid, number>();
  /** The conversation the person has open, on any device. */
  #open: Uuid | undefined;
  readonly #awaited = new Map<number, ((outcome: Outcome) => void)[]>();
  #identity: Identity | undefined;
  /** What had been carried out when synchronisation was last asked for. */
  #asked: readonly number[] = [];
  #untold: Change[] = [];

  private constructor(options: DeviceOptions, rows: Rows) {
    const history = options.historyMessages ?? 200;
    if (!(history >= 1)) throw new RangeError(`historyMessages is ${history}; it must be at least 1.`);
    this.#clock = options.clock ?? systemClock;
    this.#filter = options.filter;
    this.#pageItems = options.pageItems;
    this.#maxOutboxCommands = options.maxOutboxCommands ?? 1000;
    if (!(this.#maxOutboxCommands >= 1)) throw new RangeError(`maxOutboxCommands is ${this.#maxOutboxCommands}; it must be at least 1.`);
    this.#limits = (rows.meta.get("limits") as SyncLimits | undefined) ?? unknownLimits;
    this.#identity = rows.meta.get("identity") as Identity | undefined;
    this.#store = options.store;
    this.#journal = new Journal(options.store, () => this.#link.stop("storeFailed"));
    const most = options.heldMessages ?? 20_000;
    if (!(most >= 1)) throw new RangeError(`heldMessages is ${most}; it must be at least 1.`);
    this.#replica = new Replica(rows, history, this.#lanes(), {
      most,
      isWatched: (conversationId) => this.#watched.has(conversationId) || this.#open === conversationId,
      pinned: (conversationId) => (this.views.unread(conversationId) > 0 ? this.views.lastOfOthers(conversationId) : Infinity),
    });
    this.#outbox = new Outbox(rows);
    this.#arrivals = new Arrivals(this.#replica, this.#outbox, { personId: () => this.#identity?.personId ?? "", lanes: () => this.#lanes() });
    this.#typing = new PassingFacts(this.#clock, (conversationId) => this.#tell([{ about: "typing", conversationId }]));
    this.#viewing = new PassingFacts(this.#clock, (conversationId) => this.#tell([{ about: "viewing", conversationId }]));
    this.#places = new QueuePlaces(this.#clock, (conversationId) => this.#tell([{ about: "queuePlace", conversationId }]));
    this.views = new Views(this.#replica, this.#outbox, { typing: this.#typing, viewing: this.#viewing, places: this.#places }, () => this.#identity);
    const link: LinkOptions = { reconnect: options.reconnect ?? retry, callTimeoutMs: options.callTimeoutMs ?? 30_000, wakeTimeoutMs: 5_000 };
    this.#link = new Link(options.transport, this.#clock, link, {
      syncRequest: () => this.#syncRequest(),
      synchronized: (answer) => this.#synchronized(answer),
      opened: () => this.#opened(),
      pushed: (batch) => this.#pushed(batch),
      phaseChanged: () => this.#phaseChanged(),
    });
    this.#loading = new Loading(this.#replica, this.#link, this.#clock, { pageItems: 50, pagesInFlight: 4, retry }, (edit) => {
      this.#arrivals.collapse(edit);
      this.#take(edit);
    });
    this.#confirming = new Confirming(this.#replica, this.#journal, this.#link, this.#clock, retry, (edit) => this.#take(edit));
    this.#sending = new Sending(this.#outbox, this.#journal, this.#link, this.#clock, { commandsInFlight: 16, retry, hubFailures: 5 }, (entry, outcome) =>
      this.#settled(entry, outcome),
    );
    this.#notice = new TypingNotice(this.#clock, (conversationId, lane, active) => {
      // Ephemeral: when it cannot be told now, later would be wrong.
      if (this.#link.isOpen) this.#link.call("SetTyping", { conversationId, lane, active }).catch(() => undefined);
    });
  }

  /** Reads the store; the device then shows what it knew, and connects when told to {@link goOnline}. */
  static async open(options: DeviceOptions): Promise<Device> {
    return new Device(options, await options.store.load());
  }

  /** Whose device this is; unknown until it was synchronised once. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Where a waiting conversation stands in its queue; nothing while the device is offline. A customer's device is told by itself, too: {@link Views.queuePlace}. */
  async queuePosition(conversationId: Uuid): Promise<QueuePosition | undefined> {
    return this.#link.isOpen ? this.#link.call("LoadQueuePosition", { conversationId }).catch(() => undefined) : undefined;
  }

  get status(): DeviceStatus {
    const { phase, stopReason } = this.#link;
    const waiting = this.#outbox.entries.filter(isWaiting).length;
    return { phase, waiting, ...(stopReason === undefined ? {} : { stopReason }) };
  }

  /** Commands the server has not settled, accepted ones whose effect synchronisation has not brought yet, and refused ones, in the order they were given. */
  get unsettled(): readonly OutboxEntry[] {
    return this.#outbox.entries;
  }

  /** The token of the last batch stored. */
  get token(): string | undefined {
    return this.#replica.token;
  }

  /** Connects, and stays connected. */
  goOnline(): void {
    this.#link.goOnline();
  }

  /** Disconnects, and stays so. */
  goOffline(): void {
    this.#link.goOffline();
  }

  /** To be called when the machine woke up, the page became visible or the network came back. */
  wake(): void {
    this.#link.wake();
  }

  /** Disconnects, waits until all is stored, and releases the store. */
  async close(): Promise<void> {
    this.#link.goOffline();
    try {
      await this.#journal.durable();
    } finally {
      await this.#store.close();
    }
  }

  /** A customer opens a conversation, with one of the inbox's departments if it offers any; it can be posted to at once. */
  openConversation(conversationId: Uuid = uuidV7(this.#clock.now()), departmentId?: Uuid): Given & { readonly conversationId: Uuid } {
    const body = { conversationId, ...(departmentId === undefined ? {} : { departmentId }) };
    return { ...this.#give({ method: "OpenConversation", body }), conversationId };
  }

  /** Posts a message, or a note. It is shown at once. */
  post(conversationId: Uuid, content: string, options: { readonly lane?: Lane; readonly messageId?: Uuid; readonly mentions?: readonly Uuid[] } = {}): GivenPost {
    const { lane = "public", messageId = uuidV7(this.#clock.now()), mentions } = options;
    this.#notice.ended();
    const body = { conversationId, messageId, lane, content, ...(mentions === undefined ? {} : { mentions }) };
    return { ...this.#give({ method: "PostMessage", body }), messageId };
  }

  /** Posts a refused message again, as a new command with the same message id; undefined when it is not a refused one. */
  retry(messageId: Uuid): GivenPost | undefined {
    const refused = this.#refusedPost(messageId);
    if (refused === undefined) return undefined;
    const stillTooLarge = this.#tooLarge(refused);
    if (stillTooLarge !== undefined) return { number: 0, messageId, outcome: Promise.resolve(stillTooLarge) };
    this.dismiss(messageId);
    return { ...this.#give({ method: "PostMessage", body: refused.body }), messageId };
  }

  /** Forgets a refused message. */
  dismiss(messageId: Uuid): void {
    const refused = this.#refusedPost(messageId);
    if (refused !== undefined) this.#dismiss(refused.number);
  }

  /** Closes a conversation; its inbox or queue may ask for a disposition. */
  resolve(conversationId: Uuid, disposition?: string): Given {
    return this.#give({ method: "ResolveConversation", body: { conversationId, ...(disposition === undefined ? {} : { disposition }) } });
  }

  reopen(conversationId: Uuid): Given {
    return this.#give({ method: "ReopenConversation", body: { conversationId } });
  }

  /** Gives a conversation to an agent, or back to the waiting ones. */
  assign(conversationId: Uuid, agentId?: Uuid): Given {
    return this.#give({ method: "AssignConversation", body: { conversationId, ...(agentId === undefined ? {} : { agentId }) } });
  }

  /** Controls a communication: accepts, declines, holds, transfers and whatever else {@link Control} has. */
  control(conversationId: Uuid, control: Control): Given {
    return this.#give({ method: "ControlConversation", body: { conversationId, ...control } });
  }

  /**
   * Does the same to many conversations. Not kept in the outbox: nothing while the device is offline, or when the connection ends before the answer; what became of each shows when the device is in step again.
   */
  async controlMany(conversationIds: readonly Uuid[], control: ControlOfMany): Promise<ControlledConversations | undefined> {
    if (!this.#link.isOpen) return undefined;
    const edit = new Edit();
    const number = this.#outbox.reserve(conversationIds.length, this.#clock.now(), edit);
    this.#take(edit);
    await this.#journal.durable();
    return this.#link.call("ControlConversations", { number, conversationIds, ...control }).catch(() => undefined);
  }

  /**
   * Asks the REST API on the device's connection. Not kept in the outbox: nothing while the device is offline, or when the connection ends before the answer; a request with an idempotency key can be repeated.
   */
  async request(ask: ApiRequest): Promise<ApiAnswer | undefined> {
    return this.#link.isOpen ? this.#link.call("Request", ask).catch(() => undefined) : undefined;
  }

  /** The person saw the messages up to here on a screen. Undefined when that is known already. */
  markRead(conversationId: Uuid, seq: number, lane: Lane = "public"): Given | undefined {
    if (seq <= this.views.readPosition(conversationId, lane)) return undefined;
    return this.#give({ method: "MarkRead", body: { conversationId, lane, seq } });
  }

  /** Keeps an unsent text on all the person's devices; an empty one removes it. A conflict keeps the text, see {@link Views.draft}. */
  setDraft(conversationId: Uuid, text: string, lane: Lane = "public"): Given {
    const draft = this.views.draft(conversationId);
    if (draft?.conflict !== undefined) this.dismissDraft(conversationId);
    return this.#give({ method: "SetDraft", body: { conversationId, text, lane, ifRevision: draft?.revision ?? 0 } });
  }

  /** Forgets the text of a draft that met a conflict. */
  dismissDraft(conversationId: Uuid): void {
    for (const entry of this.#outbox.entries) {
      if (entry.method === "SetDraft" && entry.body.conversationId === conversationId && entry.refused !== undefined) this.#dismiss(entry.number);
    }
  }

  /** Says which conversation the agent has open, on all the agent's devices. */
  setOpenConversation(conversationId?: Uuid): Given {
    return this.#give({ method: "SetOpenConversation", body: conversationId === undefined ? {} : { conversationId } });
  }

  /** Says whether the agent takes conversations: by hand, or by one of the tenant's own words, until it is said anew or a time; with neither it is left to the agent's devices. */
  setAvailability(choice: Commands["SetAvailability"]): Given {
    return this.#give({ method: "SetAvailability", body: choice });
  }

  /** Sets a piece of context information about a customer or an agent. */
  setContext(owner: ContextOwner, context: NewContext): Given {
    return this.#give({ method: "SetContext", body: { ...owner, ...context } });
  }

  /** Takes a piece of context information away; without a source: what all sources say. */
  clearContext(owner: ContextOwner, name: string, source?: ContextValue["source"]): Given {
    return this.#give({ method: "ClearContext", body: { ...owner, name, ...(source === undefined ? {} : { source }) } });
  }

  /** Somebody looks at the conversation here: its messages are loaded, and stay until the returned function is called. */
  watch(conversationId: Uuid): () => void {
    this.#watched.set(conversationId, (this.#watched.get(conversationId) ?? 0) + 1);
    const edit = new Edit();
    this.#replica.widen(conversationId, edit);
    this.#take(edit);
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      const left = (this.#watched.get(conversationId) ?? 1) - 1;
      if (left > 0) this.#watched.set(conversationId, left);
      else this.#watched.delete(conversationId);
      this.#take(new Edit());
    };
  }

  /** How many messages are held. */
  get heldMessages(): number {
    return this.#replica.heldMessages;
  }

  /** To be called at each key; told to others when it matters, and taken back when it ends. Of a note being typed only agents are told. */
  typed(conversationId: Uuid, lane: Lane = "public"): void {
    this.#notice.typed(conversationId, lane);
  }

  /** The synchronised state as one hash, to compare devices: what is still in the outbox is no part of it. */
  canonicalHash(): Promise<string> {
    return canonicalHash(this.#replica);
  }

  #give(command: Command): Given {
    const refused = this.#refuse(command);
    if (refused !== undefined) return { number: 0, outcome: Promise.resolve(refused) };
    const edit = new Edit();
    const { entry, replaced } = this.#outbox.add(command, this.#clock.now(), edit);
    const outcome = new Promise<Outcome>((resolve) => {
      // Whoever waits for what this one replaces gets the outcome of this one.
      this.#awaited.set(entry.number, [resolve, ...((replaced && this.#awaited.get(replaced.number)) ?? [])]);
    });
    if (replaced !== undefined) this.#awaited.delete(replaced.number);
    this.#take(edit);
    return { number: entry.number, outcome };
  }

  /** A text that is over the limit would close the connection each time it is sent, and so is refused here. */
  #refuse(command: Command): Outcome | undefined {
    if (this.#outbox.entries.length >= this.#maxOutboxCommands) return { code: "tooLarge", detail: `maxOutboxCommands is ${this.#maxOutboxCommands}` };
    return this.#tooLarge(command);
  }

  #tooLarge(command: Command): Outcome | undefined {
    if (command.method === "PostMessage") return tooLarge("maxContentBytes", this.#limits.maxContentBytes, command.body.content);
    return command.method === "SetDraft" ? tooLarge("maxDraftBytes", this.#limits.maxDraftBytes, command.body.text) : undefined;
  }

  #settled(entry: OutboxEntry, outcome: Outcome): void {
    const edit = new Edit();
    this.#outbox.settle(entry.number, outcome, (accepted) => this.#arrivals.hasArrived(accepted), edit);
    // What was accepted may have been all that the others of its conversation still stood for.
    this.#arrivals.collapse(edit);
    this.#take(edit);
    for (const resolve of this.#awaited.get(entry.number) ?? []) resolve(outcome);
    this.#awaited.delete(entry.number);
    this.outcomes.emit({ entry, outcome });
  }

  #refusedPost(messageId: Uuid): (OutboxEntry & { readonly method: "PostMessage" }) | undefined {
    for (const entry of this.#outbox.entries) {
      if (entry.method === "PostMessage" && entry.body.messageId === messageId && entry.refused !== undefined) return entry;
    }
    return undefined;
  }

  #dismiss(number: number): void {
    const edit = new Edit();
    this.#outbox.dismiss(number, edit);
    this.#take(edit);
  }

  #pushed(batch: PushBatch): boolean {
    for (const fact of batch.ephemeral ?? []) {
      if (fact.kind === "typing") this.#typing.take(fact);
      else if (fact.kind === "position") this.#places.take(fact);
      else if (fact.kind === "viewing") this.#viewing.take(fact);
    }
    const edit = this.#replica.apply(batch);
    if (edit === undefined) return false;
    for (const { message } of batch.items ?? []) {
      if (message !== undefined) this.#typing.end(message.conversationId, message.personId);
    }
    if (batch.resync?.discard === true) {
      this.#outbox.repeat(edit);
      this.#asked = [];
    }
    for (const { kind, of, id, reason } of batch.items ?? []) {
      if (kind === "left" && of === "conversation" && id !== undefined) this.#outbox.forget(id, reason === "deleted", edit);
    }
    if (batch.to !== undefined && batch.more !== true) {
      this.#arrivals.conclude(this.#asked, edit);
      this.#asked = [];
      this.#link.caughtUp();
    }
    this.#arrivals.collapse(edit);
    this.#take(edit);
    return true;
  }

  #syncRequest(): SyncRequest {
    const { token } = this.#replica;
    this.#asked = this.#outbox.accepted;
    return {
      ...(token === undefined ? {} : { token }),
      ...(this.#filter === undefined ? {} : { filter: this.#filter }),
      ...(this.#pageItems === undefined ? {} : { pageItems: this.#pageItems }),
    };
  }

  #synchronized({ personId, deviceId, accountId, role, limits }: SyncAnswer): StopReason | undefined {
    if (personId !== undefined && deviceId !== undefined && accountId !== undefined && role !== undefined) {
      const known = this.#identity;
      // Another person's outbox must never be sent as this one's.
      if (known !== undefined && (known.personId !== personId || known.accountId !== accountId)) return "otherPerson";
      this.#identity = { personId, deviceId, accountId, role };
      this.#replica.lanes = this.#lanes();
      const edit = new Edit();
      edit.put("meta", "identity", this.#identity);
      this.#take(edit);
    }
    if (limits !== undefined) {
      this.#limits = limits;
      const edit = new Edit();
      edit.put("meta", "limits", limits);
      this.#take(edit);
      this.#loading.maxPageItems = limits.maxPageItems;
      this.#confirming.limits = { withinMs: limits.confirmWithinMs, conversations: limits.maxConfirmedConversations };
    }
    return undefined;
  }

  #opened(): void {
    this.#loading.restart();
    this.#sending.restart();
    this.#confirming.proceed();
  }

  #phaseChanged(): void {
    const { phase } = this.#link;
    if (phase === "offline" || phase === "waiting" || phase === "stopped") {
      this.#typing.clear();
      this.#viewing.clear();
    }
    this.#tell([{ about: "state" }]);
  }

  #lanes(): Lane[] {
    const { role } = this.#identity ?? {};
    return role === "customer" || role === undefined || this.#filter?.withoutNotes === true ? ["public"] : ["public", "notes"];
  }

  /** Every change of state goes through here: into the journal, to who listens, and to what it gives work to. */
  #take(edit: Edit): void {
    const open = this.views.openConversation();
    if (open !== this.#open) {
      this.#open = open;
      if (open !== undefined) this.#replica.widen(open, edit);
    }
    this.#replica.trim(edit);
    this.#journal.record(edit.writes);
    this.#tell(edit.changes);
    this.#loading.proceed();
    this.#sending.proceed();
    this.#confirming.proceed();
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    if (this.#untold.length === 0) {
      queueMicrotask(() => {
        const told = this.#untold;
        this.#untold = [];
        this.changes.emit(told);
      });
    }
    this.#untold.push(...changes);
  }
}

function tooLarge(limit: string, most: number, text: string): Outcome | undefined {
  const { length } = new TextEncoder().encode(text);
  return length <= most ? undefined : { code: "tooLarge", detail: `${limit} is ${most}, the text has ${length} bytes` };
}
