import type { LoadMessages, MessageItem } from "./contract.ts";

/** What is kept of a window besides its messages. */
export interface WindowRow {
  /** The newest page must be loaded: the conversation became known, or synchronisation started from nothing. */
  readonly newest: boolean;
  /** The window has an end of its own: a newest page was loaded, or it starts at 1. Before, a message that came live says nothing about those before it. */
  readonly based: boolean;
  /** The server has nothing older than the window's first message. */
  readonly complete: boolean;
  /** The end the server was told. */
  readonly confirmed: number;
  /** Older messages were let go of, or not loaded, to keep to the device's bound: they are not wanted until somebody looks. */
  readonly trimmed?: boolean;
}

/**
 * The messages a device holds of one lane of a conversation: a window without holes that ends at the newest message, and, while a hole is being
 * repaired, runs of newer messages beyond it. Only the window is shown and confirmed, so that nobody sees an order with a hole in it.
 */
export class MessageWindow {
  newest = false;
  complete = false;
  confirmed = 0;
  trimmed = false;
  #based = false;
  /** Runs of consecutive messages, rising; the first is the window. */
  readonly #runs: MessageItem[][] = [];

  static restored(row: WindowRow): MessageWindow {
    const window = new MessageWindow();
    window.newest = row.newest;
    window.complete = row.complete;
    window.confirmed = row.confirmed;
    window.trimmed = row.trimmed === true;
    window.#based = row.based;
    return window;
  }

  row(): WindowRow {
    return { newest: this.newest, based: this.based, complete: this.complete, confirmed: this.confirmed, ...(this.trimmed ? { trimmed: true } : {}) };
  }

  get based(): boolean {
    return this.#based || this.#runs[0]?.[0]?.seq === 1;
  }

  /** Consecutive messages, oldest first. */
  get messages(): readonly MessageItem[] {
    return this.#runs[0] ?? [];
  }

  /** Everything held, also beyond a hole; rising, oldest first. */
  get held(): readonly MessageItem[] {
    return this.#runs.length === 1 ? this.messages : this.#runs.flat();
  }

  /** The newest message held, also beyond a hole, that satisfies the condition. */
  findLast(condition: (message: MessageItem) => boolean): MessageItem | undefined {
    for (let index = this.#runs.length - 1; index >= 0; index--) {
      const found = this.#runs[index]?.findLast(condition);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The seq up to which the device can honestly say that it holds every body. */
  get end(): number {
    return this.based ? (this.messages.at(-1)?.seq ?? 0) : 0;
  }

  /** Adds a message; false when its seq is held already: messages never change. */
  add(message: MessageItem): boolean {
    const { seq } = message;
    let index = this.#runs.length;
    while (index > 0 && startOf(this.#runs[index - 1]) > seq) index--;
    const before = this.#runs[index - 1];
    const after = this.#runs[index];
    if (before !== undefined && seq <= endOf(before)) return false;
    const joinsBefore = before !== undefined && endOf(before) === seq - 1;
    const joinsAfter = after !== undefined && startOf(after) === seq + 1;
    if (joinsBefore && joinsAfter) {
      before.push(message, ...after);
      this.#runs.splice(index, 1);
    } else if (joinsBefore) before.push(message);
    else if (joinsAfter) after.unshift(message);
    else this.#runs.splice(index, 0, [message]);
    return true;
  }

  /** Adds a page that was loaded, and returns what is not kept: messages below a hole that was not closed within `history` messages. */
  merge(page: readonly MessageItem[], asked: Pick<LoadMessages, "before">, history: number): { added: MessageItem[]; dropped: MessageItem[] } {
    const added = [...page].reverse().filter((message) => this.add(message));
    if (asked.before === undefined) this.#based = true;
    let dropped: MessageItem[] = [];
    // Nothing is left below what was asked for: neither is what this device holds from there.
    if (page.length === 0 && asked.before !== undefined) {
      dropped = this.#dropBelow(asked.before);
      this.complete = true;
    }
    const top = this.#runs.at(-1);
    if (top !== undefined && top.length >= history) dropped = [...dropped, ...this.#dropBelow(startOf(top))];
    return { added, dropped };
  }

  /** The next page to ask for: the newest, then what closes a hole, then older ones up to `history` messages. */
  next(history: number, pageItems: number): Pick<LoadMessages, "before" | "limit"> | undefined {
    if (this.newest) return { limit: Math.min(pageItems, history) };
    const top = this.#runs.at(-1);
    if (top === undefined) return undefined;
    const before = startOf(top);
    const hole = this.#hole();
    if (hole > 0) return { before, limit: Math.min(pageItems, hole) };
    if (before === 1 || this.complete || this.trimmed || top.length >= history) return undefined;
    return { before, limit: Math.min(pageItems, history - top.length, before - 1) };
  }

  /** Lets go of the oldest messages, but for so many of the newest and all from `pinned` on, and returns them; none while the window is being loaded or repaired. */
  trim(keep: number, pinned: number): MessageItem[] {
    const [run] = this.#runs;
    if (run === undefined || this.#runs.length > 1 || this.newest || !this.based) return [];
    const upTo = Math.min(run.length - keep, pinned - startOf(run));
    if (upTo <= 0) return [];
    this.#based = true;
    this.complete = false;
    this.trimmed = true;
    return run.splice(0, upTo);
  }

  /** How many messages are missing below the newest run; 0 without a hole. */
  #hole(): number {
    const below = this.#runs.at(-2);
    return below === undefined ? 0 : startOf(this.#runs.at(-1)) - endOf(below) - 1;
  }

  #dropBelow(seq: number): MessageItem[] {
    const kept = this.#runs.filter((run) => startOf(run) >= seq);
    const dropped = this.#runs.filter((run) => startOf(run) < seq).flat();
    this.#runs.splice(0, this.#runs.length, ...kept);
    return dropped;
  }
}

function startOf(run: readonly MessageItem[] | undefined): number {
  return run?.[0]?.seq ?? 0;
}

function endOf(run: readonly MessageItem[] | undefined): number {
  return run?.at(-1)?.seq ?? 0;
}
