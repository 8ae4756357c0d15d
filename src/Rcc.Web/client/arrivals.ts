import type { Lane, Uuid } from "./contract.ts";
import type { Edit } from "./journal.ts";
import type { Outbox, OutboxEntry } from "./outbox.ts";
import type { Replica } from "./replica.ts";

/** Whose device it is, and what it keeps, as far as that is known. */
export interface Keeper {
  personId(): Uuid;
  lanes(): readonly Lane[];
}

/** Says of each command what of it the replica has got, and what it never will: until then the outbox stands for it, and no longer. */
export class Arrivals {
  readonly #replica: Replica;
  readonly #outbox: Outbox;
  readonly #who: Keeper;

  constructor(replica: Replica, outbox: Outbox, who: Keeper) {
    this.#replica = replica;
    this.#outbox = outbox;
    this.#who = who;
  }

  /** What the outbox stands for and the replica has got is shown by the replica from now on. */
  collapse(edit: Edit): void {
    this.#outbox.collapse(
      (entry) => this.hasArrived(entry),
      (entry) => this.#shows(entry),
      edit,
    );
  }

  /** A synchronisation that began after these commands were carried out is complete. What it has not brought it never will, but for messages that are still to be loaded. */
  conclude(numbers: readonly number[], edit: Edit): void {
    this.#outbox.conclude(numbers, (entry) => entry.method === "PostMessage" && this.#knows(entry.body.conversationId), edit);
  }

  #knows(conversationId: Uuid): boolean {
    return this.#replica.item("conversation", conversationId) !== undefined;
  }

  /** Whether what this command makes is in the replica, answered or not. */
  #shows(entry: OutboxEntry): boolean {
    if (entry.method === "OpenConversation") return this.#knows(entry.body.conversationId);
    return entry.method === "PostMessage" && this.#replica.shows(entry.body.messageId);
  }

  /** Whether the replica shows what this accepted command has done, or never will. Without it a draft or a new conversation would vanish between the answer and the push. */
  hasArrived(entry: OutboxEntry): boolean {
    const personId = this.#who.personId();
    const { revision } = entry.accepted ?? {};
    switch (entry.method) {
      case "OpenConversation":
        return this.#shows(entry);
      case "SetOpenConversation": {
        const open = this.#replica.item("openConversation", personId);
        return revision === undefined ? open?.state.conversationId === entry.body.conversationId : (open?.revision ?? 0) >= revision;
      }
      case "PostMessage": {
        // Of a lane this device does not keep nothing will come.
        if (this.#shows(entry) || this.#isOut(entry.body.conversationId) || !this.#who.lanes().includes(entry.body.lane)) return true;
        const window = this.#replica.window(entry.body);
        const seq = entry.accepted?.seq;
        // What lies below the window's end and is not held is not kept here.
        return seq !== undefined && window !== undefined && !window.newest && window.end >= seq;
      }
      case "SetDraft":
        return this.#isOut(entry.body.conversationId) || (this.#replica.item("draft", `${entry.body.conversationId}/${personId}`)?.revision ?? 0) >= (revision ?? 0);
      case "MarkRead": {
        const read = this.#replica.item("read", `${entry.body.conversationId}/${personId}`)?.state;
        return this.#isOut(entry.body.conversationId) || ((entry.body.lane === "public" ? read?.seq : read?.notesSeq) ?? 0) >= entry.body.seq;
      }
      default:
        return true;
    }
  }

  /** Of a conversation that is not on the device nothing will come, unless this device has just opened it. */
  #isOut(conversationId: Uuid): boolean {
    return !this.#knows(conversationId) && !this.#outbox.opens(conversationId);
  }
}
