import type { ItemStates, Lane, LoadMessages, MessageItem, PushBatch, Resync, SyncItem } from "./contract.ts";
import { Edit } from "./journal.ts";
import { MessageWindow, type WindowRow } from "./message-window.ts";
import type { Rows } from "./store.ts";

/** An object as the server last described it. */
export interface Item {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly state: unknown;
  /** The start from nothing that last brought it; below the replica's own count it is stale. */
  readonly mark: number;
}

/** How many messages a replica holds, and which it may not let go of. */
export interface Bound {
  readonly most: number;
  /** Somebody looks at the conversation: all of it stays, and is loaded. */
  isWatched(conversationId: string): boolean;
  /** The lowest seq of a public lane that is needed although nobody looks; Infinity: none. */
  pinned(conversationId: string): number;
}

const unbounded: Bound = { most: Infinity, isWatched: () => false, pinned: () => Infinity };

/** Messages of a lane that stay as long as there are older ones elsewhere to let go of: enough to begin to read. */
const firstScreen = 20;

const lanes: readonly Lane[] = ["public", "notes"];

/** One lane of one conversation. */
export interface LaneKey {
  readonly conversationId: string;
  readonly lane: Lane;
}

interface Position {
  readonly token: string | undefined;
  /** Counts the starts from nothing. */
  readonly mark: number;
  /** A start from nothing is under way: what is stale at its last page goes. */
  readonly sweeping: boolean;
  /** The last batch said that more pages follow. */
  readonly more: boolean;
}

/**
 * What a device knows: the rules of {@link PushBatch}, without any I/O. Every change comes back as an {@link Edit} whose rows, written in one
 * transaction, bring the same replica back after a restart.
 */
export class Replica {
  #position: Position = { token: undefined, mark: 0, sweeping: false, more: false };
  readonly #items = new Map<string, Map<string, Item>>();
  readonly #windows = new Map<string, MessageWindow>();
  readonly #messageIds = new Map<string, MessageItem>();
  /** Items whose id begins with a conversation's: they go with it. */
  readonly #hanging = new Map<string, Set<Item>>();
  readonly #wanting = new Map<string, LaneKey>();
  readonly #unconfirmed = new Set<string>();
  readonly #history: number;
  readonly #bound: Bound;
  #lanes: readonly Lane[];

  /** `history`: how many messages of a lane to load; `lanes`: those this person has. */
  constructor(rows: Rows, history: number, lanes: readonly Lane[], bound = unbounded) {
    this.#history = history;
    this.#bound = bound;
    this.#lanes = lanes;
    this.#position = (rows.meta.get("position") as Position | undefined) ?? this.#position;
    for (const item of rows.items.values()) this.#keep(item as Item);
    for (const [key, row] of rows.lanes) this.#windows.set(key, MessageWindow.restored(row as WindowRow));
    for (const message of ([...rows.messages.values()] as MessageItem[]).sort((a, b) => a.seq - b.seq)) {
      this.#windowOf(message).add(message);
      this.#messageIds.set(message.messageId, message);
    }
    for (const key of this.#windows.keys()) this.#review(laneKeyOf(key));
  }

  /** The token of the last batch applied. */
  get token(): string | undefined {
    return this.#position.token;
  }

  /** How often synchronisation started from nothing. */
  get mark(): number {
    return this.#position.mark;
  }

  /** Which lanes this person has; known with the role. Takes effect for conversations that become known, or known again, after it. */
  set lanes(lanes: readonly Lane[]) {
    this.#lanes = lanes;
  }

  item<K extends string>(kind: K, id: string): (Item & { readonly state: K extends keyof ItemStates ? ItemStates[K] : unknown }) | undefined {
    return this.#items.get(kind)?.get(id) as never;
  }

  itemsOf<K extends string>(kind: K): (Item & { readonly state: K extends keyof ItemStates ? ItemStates[K] : unknown })[] {
    return [...(this.#items.get(kind)?.values() ?? [])] as never;
  }

  /** Items of a conversation and a person, such as receipts. */
  hangingOn(conversationId: string, kind: string): Item[] {
    return [...(this.#hanging.get(conversationId) ?? [])].filter((item) => item.kind === kind);
  }

  *allItems(): Iterable<Item> {
    for (const items of this.#items.values()) yield* items.values();
  }

  *allMessages(): Iterable<MessageItem> {
    for (const window of this.#windows.values()) yield* window.held;
  }

  window({ conversationId, lane }: LaneKey): MessageWindow | undefined {
    return this.#windows.get(`${conversationId}/${lane}`);
  }

  /** How many messages are held. */
  get heldMessages(): number {
    return this.#messageIds.size;
  }

  /** Keeps to the bound: lets go of the oldest messages of conversations nobody looks at, first of those that were written to longest ago. They are loaded again when somebody looks. */
  trim(edit: Edit): void {
    if (this.heldMessages <= this.#bound.most) return;
    // Somewhat more than is due, so that not every message to come makes it necessary again.
    const target = Math.floor(this.#bound.most * 0.9);
    const lastAt = (window: MessageWindow): string => window.messages.at(-1)?.at ?? "";
    const idle = [...this.#windows].map(([name, window]) => ({ key: laneKeyOf(name), window })).filter(({ key }) => !this.#bound.isWatched(key.conversationId));
    idle.sort((a, b) => (lastAt(a.window) < lastAt(b.window) ? -1 : 1));
    for (const keep of [firstScreen, 1]) {
      for (const { key, window } of idle) {
        if (this.heldMessages <= target) return;
        const dropped = window.trim(keep, key.lane === "public" ? this.#bound.pinned(key.conversationId) : Infinity);
        if (dropped.length === 0) continue;
        for (const message of dropped) this.#dropMessage(message, edit);
        edit.put("lanes", nameOf(key), window.row());
        edit.tell({ about: "messages", conversationId: key.conversationId });
        this.#review(key);
      }
    }
  }

  /** Somebody looks at the conversation: what was let go of is wanted again. */
  widen(conversationId: string, edit: Edit): void {
    for (const lane of lanes) {
      const key: LaneKey = { conversationId, lane };
      const window = this.window(key);
      if (window?.trimmed !== true) continue;
      window.trimmed = false;
      edit.put("lanes", nameOf(key), window.row());
      this.#review(key);
    }
  }

  /** Whether the message is in its window, and so shown: what lies beyond a hole is not. */
  shows(messageId: string): boolean {
    const message = this.#messageIds.get(messageId);
    return message !== undefined && message.seq <= (this.window(message)?.messages.at(-1)?.seq ?? 0);
  }

  /** Applies a batch, or returns undefined when it does not continue the stored token: then nothing has changed and the device must synchronise. */
  apply(batch: PushBatch): Edit | undefined {
    const edit = new Edit();
    if (batch.to === undefined) return edit;
    const fromNothing = batch.resync !== undefined && batch.from === undefined;
    if (!fromNothing && (batch.from === undefined || batch.from !== this.token)) return undefined;

    if (batch.resync !== undefined) this.#startFromNothing(batch.resync, edit);
    const known: string[] = [];
    for (const item of batch.items ?? []) {
      if (item.kind === "message") this.#addMessage(item.message, edit);
      else if (item.kind === "left") this.#forget(item.of ?? "", item.id ?? "", edit);
      else if (this.#addItem(item, edit) && item.kind === "conversation" && item.id !== undefined) known.push(item.id);
    }
    for (const conversationId of known) this.#wantMessages(conversationId, edit);

    const last = batch.more !== true;
    if (last && this.#position.sweeping) this.#sweep(edit);
    this.#position = { token: batch.to, mark: this.mark, sweeping: this.#position.sweeping && !last, more: !last };
    edit.put("meta", "position", this.#position);
    return edit;
  }

  /** The pages to load now, newest pages first. None while pages of changes are coming: they may bring the messages, or say that their conversation is gone. */
  wantedPages(pageItems: number): { key: LaneKey; window: MessageWindow; ask: Pick<LoadMessages, "before" | "limit"> }[] {
    if (this.#position.more) return [];
    const pages = [];
    for (const key of this.#wanting.values()) {
      const window = this.window(key);
      if (window === undefined || this.item("conversation", key.conversationId) === undefined) continue;
      const ask = window.next(this.#history, pageItems);
      if (ask === undefined) continue;
      // What would have to be let go of at once is not loaded: older messages of a conversation nobody looks at.
      if (ask.before !== undefined && window.held.length === window.messages.length && this.heldMessages + pageItems > this.#bound.most && !this.#bound.isWatched(key.conversationId)) {
        window.trimmed = true;
        this.#review(key);
      } else pages.push({ key, window, ask });
    }
    return pages.sort((a, b) => Number(a.ask.before !== undefined) - Number(b.ask.before !== undefined));
  }

  /**
   * Adds a loaded page. `askedAt` is the {@link mark} when it was asked for: an answer from before the last start from nothing may miss what was
   * written between the two, so the newest page is asked for again. False: the page brought nothing, asking again at once would not help.
   */
  addPage(key: LaneKey, window: MessageWindow, askedAt: number, before: number | undefined, page: readonly MessageItem[]): { edit: Edit; progress: boolean } {
    const edit = new Edit();
    if (this.window(key) !== window) return { edit, progress: true };
    // A page that is not of this lane, or has a hole, is no answer to what was asked.
    if (!isRunOf(key, page)) return { edit, progress: false };
    const wanted = JSON.stringify(window.row());
    const { added, dropped } = window.merge(page, before === undefined ? {} : { before }, this.#history);
    if (before === undefined && askedAt === this.mark) window.newest = false;
    for (const message of added) this.#stored(message, edit);
    for (const message of dropped) this.#dropMessage(message, edit);
    const changed = added.length + dropped.length > 0;
    if (changed) edit.tell({ about: "messages", conversationId: key.conversationId });
    edit.put("lanes", nameOf(key), window.row());
    this.#review(key);
    return { edit, progress: changed || wanted !== JSON.stringify(window.row()) };
  }

  /** What is held of public lanes and not yet confirmed, at most so many. */
  unconfirmed(most: number): { conversationId: string; seq: number }[] {
    return [...this.#unconfirmed].slice(0, most).map((conversationId) => ({ conversationId, seq: this.window({ conversationId, lane: "public" })?.end ?? 0 }));
  }

  /** The server knows of these. */
  confirmed(held: readonly { conversationId: string; seq: number }[]): Edit {
    const edit = new Edit();
    for (const { conversationId, seq } of held) {
      const key: LaneKey = { conversationId, lane: "public" };
      const window = this.window(key);
      if (window === undefined) continue;
      window.confirmed = Math.max(window.confirmed, seq);
      edit.put("lanes", nameOf(key), window.row());
      this.#review(key);
    }
    return edit;
  }

  #startFromNothing({ discard }: Resync, edit: Edit): void {
    this.#position = { ...this.#position, mark: this.mark + 1, sweeping: true };
    for (const [name, window] of [...this.#windows]) {
      const key = laneKeyOf(name);
      // Another filter begins from nothing: what it keeps out will not be brought any more.
      if (!this.#lanes.includes(key.lane)) {
        this.#dropWindow(key, edit);
        continue;
      }
      if (discard) {
        for (const message of window.held) this.#dropMessage(message, edit);
        edit.tell({ about: "messages", conversationId: key.conversationId });
        this.#windows.set(name, new MessageWindow());
      }
      this.#wantNewest(key, edit);
    }
  }

  #addItem(item: SyncItem, edit: Edit): boolean {
    if (item.id === undefined) return false;
    const stored = this.item(item.kind, item.id);
    const revision = item.revision ?? 0;
    const stale = stored !== undefined && stored.mark < this.mark;
    // What is stale has no authority: after a restore the store's revision may be lower.
    if (stored !== undefined && !stale && revision <= stored.revision) return false;
    const kept: Item = { kind: item.kind, id: item.id, revision, state: item.state, mark: this.mark };
    this.#keep(kept);
    edit.put("items", rowKeyOf(kept), kept);
    edit.tell({ about: "item", kind: item.kind, id: item.id });
    return stored === undefined || stale;
  }

  #addMessage(message: MessageItem | undefined, edit: Edit): void {
    if (!isMessage(message) || !this.#windowOf(message).add(message)) return;
    this.#stored(message, edit);
    edit.tell({ about: "messages", conversationId: message.conversationId });
    this.#review(message);
  }

  #stored(message: MessageItem, edit: Edit): void {
    this.#messageIds.set(message.messageId, message);
    edit.put("messages", messageKeyOf(message), message);
  }

  #dropMessage(message: MessageItem, edit: Edit): void {
    this.#messageIds.delete(message.messageId);
    edit.drop("messages", messageKeyOf(message));
  }

  /** A conversation is new here, or known again: unless its messages are here from the first on, the newest page must be loaded. */
  #wantMessages(conversationId: string, edit: Edit): void {
    for (const lane of this.#lanes) {
      const key: LaneKey = { conversationId, lane };
      const window = this.#windowOf(key);
      if (window.based) this.#review(key);
      else this.#wantNewest(key, edit);
    }
  }

  #wantNewest(key: LaneKey, edit: Edit): void {
    const window = this.#windowOf(key);
    window.newest = true;
    edit.put("lanes", nameOf(key), window.row());
    this.#review(key);
  }

  #forget(kind: string, id: string, edit: Edit): void {
    const item = this.item(kind, id);
    if (item !== undefined) this.#dropItem(item, edit);
    if (kind !== "conversation") return;
    for (const hanging of [...(this.#hanging.get(id) ?? [])]) this.#dropItem(hanging, edit);
    for (const lane of lanes) this.#dropWindow({ conversationId: id, lane }, edit);
  }

  #dropItem(item: Item, edit: Edit): void {
    this.#items.get(item.kind)?.delete(item.id);
    const conversationId = conversationOf(item.id);
    const hanging = this.#hanging.get(conversationId);
    hanging?.delete(item);
    if (hanging?.size === 0) this.#hanging.delete(conversationId);
    edit.drop("items", rowKeyOf(item));
    edit.tell({ about: "item", kind: item.kind, id: item.id });
  }

  #dropWindow(key: LaneKey, edit: Edit): void {
    const window = this.window(key);
    if (window === undefined) return;
    for (const message of window.held) this.#dropMessage(message, edit);
    this.#windows.delete(nameOf(key));
    edit.drop("lanes", nameOf(key));
    edit.tell({ about: "messages", conversationId: key.conversationId });
    this.#review(key);
  }

  #sweep(edit: Edit): void {
    for (const item of [...this.allItems()]) {
      if (item.mark < this.mark) this.#forget(item.kind, item.id, edit);
    }
    for (const key of [...this.#windows.keys()].map(laneKeyOf)) {
      if (this.item("conversation", key.conversationId) === undefined || !this.#lanes.includes(key.lane)) this.#dropWindow(key, edit);
    }
  }

  #keep(item: Item): void {
    const previous = this.item(item.kind, item.id);
    const items = this.#items.get(item.kind) ?? new Map<string, Item>();
    this.#items.set(item.kind, items.set(item.id, item));
    if (!item.id.includes("/")) return;
    const conversationId = conversationOf(item.id);
    const hanging = this.#hanging.get(conversationId) ?? new Set<Item>();
    if (previous !== undefined) hanging.delete(previous);
    this.#hanging.set(conversationId, hanging.add(item));
  }

  #windowOf(key: LaneKey): MessageWindow {
    const existing = this.window(key);
    if (existing !== undefined) return existing;
    const window = new MessageWindow();
    this.#windows.set(nameOf(key), window);
    return window;
  }

  /** Notes whether this lane has something to load or to confirm. */
  #review(key: LaneKey): void {
    const name = nameOf(key);
    const window = this.window(key);
    if (window?.next(this.#history, 1) === undefined) this.#wanting.delete(name);
    else this.#wanting.set(name, { conversationId: key.conversationId, lane: key.lane });
    if (key.lane !== "public") return;
    if (window !== undefined && window.end > window.confirmed) this.#unconfirmed.add(key.conversationId);
    else this.#unconfirmed.delete(key.conversationId);
  }
}

function isMessage(message: MessageItem | undefined): message is MessageItem {
  return message !== undefined && Number.isSafeInteger(message.seq) && message.seq > 0 && lanes.includes(message.lane);
}

function isRunOf(key: LaneKey, page: readonly MessageItem[]): boolean {
  const first = page[0]?.seq ?? 0;
  return page.every((message, index) => isMessage(message) && message.conversationId === key.conversationId && message.lane === key.lane && message.seq === first + index);
}

function conversationOf(id: string): string {
  return id.split("/", 1)[0] ?? id;
}

function nameOf({ conversationId, lane }: LaneKey): string {
  return `${conversationId}/${lane}`;
}

function laneKeyOf(name: string): LaneKey {
  const [conversationId = "", lane] = name.split("/");
  return { conversationId, lane: lane === "notes" ? "notes" : "public" };
}

function rowKeyOf({ kind, id }: Item): string {
  return `${kind}\n${id}`;
}

function messageKeyOf({ conversationId, lane, seq }: MessageItem): string {
  return `${conversationId}/${lane}/${seq}`;
}
