import type { CommandMethod, Commands, ErrorCode, Outcome } from "./contract.ts";
import type { Edit } from "./journal.ts";
import type { Rows } from "./store.ts";

/** A command by its hub method. */
export type Command = { readonly [M in CommandMethod]: { readonly method: M; readonly body: Commands[M] } }[CommandMethod];

/** A command on its way. */
export type OutboxEntry = Command & {
  readonly number: number;
  /** When it was given, by the device's clock, in Unix milliseconds. */
  readonly givenAt: number;
  /** It may have reached the server: from now on it is repeated as it is. */
  readonly sent?: boolean;
  /** The server has carried it out, and synchronisation has not yet brought its effect: until then the command goes on standing for it. */
  readonly accepted?: Outcome;
  /** Its effect came by synchronisation before its answer: once it is accepted, nothing of it is to come any more. */
  readonly seen?: boolean;
  /** The server has refused it; kept until somebody has seen that. */
  readonly refused?: { readonly code: ErrorCode; readonly detail?: string };
};

/** Whether the replica shows the effect of a command, or never will. */
export type Arrived = (entry: OutboxEntry) => boolean;

/** What an answer means for a command. */
export type Verdict = "final" | "later" | "stop";

/** Codes it is told nothing about count as final: a client does not repeat what it does not understand. */
export function verdictOn(code: ErrorCode): Verdict {
  switch (code) {
    case "rateLimited":
    case "busy":
    case "unavailable":
      return "later";
    case "unauthenticated":
    case "suspended":
      return "stop";
    default:
      return "final";
  }
}

/** Commands waiting for their outcome, in order, found again after a restart. Pure: what is sent when is decided by its {@link heads}. */
export class Outbox {
  /** By number, rising. */
  readonly #entries = new Map<number, OutboxEntry>();
  #last: number;

  constructor(rows: Rows) {
    this.#last = (rows.meta.get("lastNumber") as number | undefined) ?? 0;
    const entries = [...rows.outbox.values()] as OutboxEntry[];
    for (const entry of entries.sort((a, b) => a.number - b.number)) this.#entries.set(entry.number, entry);
  }

  get entries(): readonly OutboxEntry[] {
    return [...this.#entries.values()];
  }

  entry(number: number): OutboxEntry | undefined {
    return this.#entries.get(number);
  }

  /** The first command of each queue that waits for an answer. There is one queue per conversation, and one for what concerns the person. */
  heads(): OutboxEntry[] {
    const heads = new Map<string, OutboxEntry>();
    for (const entry of this.#entries.values()) {
      if (isWaiting(entry) && !heads.has(queueOf(entry))) heads.set(queueOf(entry), entry);
    }
    return [...heads.values()];
  }

  /** Takes a command; it replaces the last one of its queue when that was not sent and says the same of an older moment. */
  add(command: Command, now: number, edit: Edit): { entry: OutboxEntry; replaced: OutboxEntry | undefined } {
    this.reserve(1, now, edit);
    const waiting = this.entries.filter((entry) => isWaiting(entry) && queueOf(entry) === queueOf(command));
    const last = waiting.at(-1);
    const replaced = last !== undefined && replaces(command, last) ? last : undefined;
    const based = onDraft(command, waiting);
    if (replaced !== undefined) this.#remove(replaced, edit);
    const entry: OutboxEntry = { ...based, number: this.#last, givenAt: now };
    this.#set(entry, edit);
    return { entry, replaced };
  }

  /** The first of so many numbers for commands that are not kept here. */
  reserve(count: number, now: number, edit: Edit): number {
    const first = Math.max(this.#last + 1, now * 1024);
    this.#last = first + count - 1;
    edit.put("meta", "lastNumber", this.#last);
    return first;
  }

  /** Whether this device has opened the conversation, and it has not come yet. */
  opens(conversationId: string): boolean {
    return this.entries.some((entry) => entry.method === "OpenConversation" && entry.seen !== true && entry.body.conversationId === conversationId);
  }

  /** It is about to be sent. */
  sent(number: number, edit: Edit): void {
    const entry = this.#entries.get(number);
    if (entry !== undefined && entry.sent !== true) this.#set({ ...entry, sent: true }, edit);
  }

  /** Its outcome is final. What was carried out is kept until its effect has arrived, a refused post or draft until it is dismissed. */
  settle(number: number, outcome: Outcome, arrived: Arrived, edit: Edit): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    if (outcome.code === "ok") {
      const accepted: OutboxEntry = { ...entry, accepted: outcome };
      if (entry.seen === true || arrived(accepted)) this.#remove(entry, edit);
      else this.#set(accepted, edit);
      if (entry.method === "SetDraft" && outcome.revision !== undefined) this.#rebaseDrafts(entry.body.conversationId, outcome.revision, edit);
      return;
    }
    // A post that is there cannot have been refused: its messageId was taken by an earlier attempt of its own.
    const kept = entry.method === "PostMessage" ? entry.seen !== true : entry.method === "SetDraft" && outcome.code === "conflict";
    if (kept) {
      this.#set({ ...entry, refused: { code: outcome.code, ...(outcome.detail === undefined ? {} : { detail: outcome.detail }) } }, edit);
    } else this.#remove(entry, edit);
  }

  /** Forgets a refused command; undefined when there is none of that number. */
  dismiss(number: number, edit: Edit): OutboxEntry | undefined {
    const entry = this.#entries.get(number);
    if (entry?.refused === undefined) return undefined;
    this.#remove(entry, edit);
    return entry;
  }

  /** Forgets what was carried out and whose effect has `arrived`; `shows` says whether the replica shows the effect of what is not answered yet, or was refused. */
  collapse(arrived: Arrived, shows: Arrived, edit: Edit): void {
    for (const entry of this.#entries.values()) {
      if (entry.accepted !== undefined) {
        if (arrived(entry)) this.#remove(entry, edit);
      } else if (entry.seen !== true && shows(entry)) {
        // A refused post that is there was stored after all, by an earlier attempt of its own.
        if (entry.refused !== undefined) this.#remove(entry, edit);
        else this.#set({ ...entry, seen: true }, edit);
      }
    }
  }

  /**
   * The conversation has left the device: what was carried out there is over, or comes again with the conversation. What was refused is kept for the user, whose
   * text it is, unless the conversation was `deleted` and with it every place to show it.
   */
  forget(conversationId: string, deleted: boolean, edit: Edit): void {
    for (const entry of this.#entries.values()) {
      if (!("conversationId" in entry.body) || entry.body.conversationId !== conversationId || entry.method === "SetOpenConversation") continue;
      if (entry.accepted !== undefined || (deleted && entry.refused !== undefined)) this.#remove(entry, edit);
      // Its effect may have gone with the conversation, before its answer comes: when the conversation returns, that does not.
      else if (entry.seen !== true && (entry.method === "OpenConversation" || (isPosition(entry) && entry.sent === true && entry.refused === undefined))) this.#set({ ...entry, seen: true }, edit);
    }
  }

  /** What was carried out when a synchronisation was asked for: {@link conclude} takes it when that is complete. */
  get accepted(): readonly number[] {
    return this.entries.flatMap((entry) => (entry.accepted === undefined ? [] : [entry.number]));
  }

  /** A synchronisation that began after these were carried out is complete: what it has not brought it never will, but for messages that are still to be loaded, which `awaits` tells. */
  conclude(numbers: readonly number[], awaits: Arrived, edit: Edit): void {
    for (const number of numbers) {
      const entry = this.#entries.get(number);
      if (entry?.accepted !== undefined && !awaits(entry)) this.#remove(entry, edit);
    }
  }

  /**
   * The store may have lost what it had accepted. A message, or a conversation to post in, that has not arrived is sent again, under its number, so that nothing is lost and nothing doubled;
   * what says where the person was is over.
   */
  repeat(edit: Edit): void {
    for (const { accepted, seen, ...entry } of this.#entries.values()) {
      if (accepted === undefined ? seen === true : isMade(entry)) this.#set(entry, edit);
      else if (accepted !== undefined) this.#remove({ ...entry, accepted }, edit);
    }
  }

  /** The unsent drafts were typed on what this device itself has just stored. */
  #rebaseDrafts(conversationId: string, revision: number, edit: Edit): void {
    for (const next of this.entries) {
      if (next.method !== "SetDraft" || !isWaiting(next) || next.sent === true || next.body.conversationId !== conversationId || next.body.ifRevision === undefined) continue;
      this.#set({ ...next, body: { ...next.body, ifRevision: revision } }, edit);
    }
  }

  #set(entry: OutboxEntry, edit: Edit): void {
    this.#entries.set(entry.number, entry);
    edit.put("outbox", String(entry.number), entry);
    edit.tell({ about: "outbox", conversationId: "conversationId" in entry.body ? entry.body.conversationId : undefined });
  }

  #remove(entry: OutboxEntry, edit: Edit): void {
    this.#entries.delete(entry.number);
    edit.drop("outbox", String(entry.number));
    edit.tell({ about: "outbox", conversationId: "conversationId" in entry.body ? entry.body.conversationId : undefined });
  }
}

/** Whether it still has to be sent, or sent again. */
export function isWaiting(entry: OutboxEntry): boolean {
  return entry.accepted === undefined && entry.refused === undefined;
}

/** Whether it says where the person is in a conversation: what is read, what is being written. */
function isPosition(entry: Command): boolean {
  return entry.method === "MarkRead" || entry.method === "SetDraft";
}

/** Whether it makes something: a message, a conversation. */
function isMade(entry: Command): boolean {
  return entry.method === "PostMessage" || entry.method === "OpenConversation";
}

/** The queue a command waits in; commands of one queue go one after the other. */
export function queueOf(command: Command): string {
  switch (command.method) {
    case "SetAvailability":
    case "SetOpenConversation":
      return command.method;
    case "SetContext":
    case "ClearContext":
      return "Context";
    default:
      return command.body.conversationId;
  }
}

function replaces(command: Command, last: OutboxEntry): boolean {
  if (last.sent === true || last.method !== command.method) return false;
  switch (command.method) {
    case "MarkRead":
      return last.method === "MarkRead" && last.body.lane === command.body.lane;
    case "SetDraft":
    case "SetOpenConversation":
    case "SetAvailability":
      return true;
    default:
      return false;
  }
}

/** A draft goes on from the one before it, which is what the user sees, and so was typed on the same revision, whatever has come from elsewhere meanwhile. */
function onDraft(command: Command, waiting: readonly OutboxEntry[]): Command {
  if (command.method !== "SetDraft" || command.body.ifRevision === undefined) return command;
  const before = waiting.findLast((entry) => entry.method === "SetDraft");
  if (before?.method !== "SetDraft" || before.body.ifRevision === undefined) return command;
  return { method: "SetDraft", body: { ...command.body, ifRevision: before.body.ifRevision } };
}
