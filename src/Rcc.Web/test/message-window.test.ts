import { describe, expect, it } from "vitest";
import { MessageWindow } from "../client/message-window.ts";
import { message, messages } from "./samples.ts";

const seqs = (window: MessageWindow): number[] => window.messages.map(({ seq }) => seq);

describe("A message window", () => {
  it("takes consecutive messages in any order", () => {
    const window = new MessageWindow();
    for (const seq of [3, 1, 5, 2, 4]) window.add(message(seq));
    expect(seqs(window)).toEqual([1, 2, 3, 4, 5]);
  });

  it("never replaces a message", () => {
    const window = new MessageWindow();
    expect(window.add(message(1))).toBe(true);
    expect(window.add({ ...message(1), content: "another" })).toBe(false);
    expect(window.messages[0]?.content).toBe(message(1).content);
  });

  it("does not show what lies beyond a hole, and asks for what closes it", () => {
    const window = new MessageWindow();
    for (const seq of [1, 2, 6]) window.add(message(seq));
    expect(seqs(window)).toEqual([1, 2]);
    expect(window.end).toBe(2);
    expect(window.next(200, 50)).toEqual({ before: 6, limit: 3 });
    window.merge(messages(3, 5), { before: 6 }, 200);
    expect(seqs(window)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(window.next(200, 50)).toBeUndefined();
  });

  it("says nothing about its end while the newest page is not here", () => {
    const window = new MessageWindow();
    window.newest = true;
    window.add(message(9));
    expect(window.end).toBe(0);
    window.merge(messages(5, 9), {}, 200);
    expect(window.end).toBe(9);
  });

  it("loads older pages down to the limit and no further", () => {
    const window = new MessageWindow();
    window.merge(messages(91, 100), {}, 25);
    expect(window.next(25, 10)).toEqual({ before: 91, limit: 10 });
    window.merge(messages(81, 90), { before: 91 }, 25);
    expect(window.next(25, 10)).toEqual({ before: 81, limit: 5 });
    window.merge(messages(76, 80), { before: 81 }, 25);
    expect(window.next(25, 10)).toBeUndefined();
  });

  it("loads everything with an unlimited history", () => {
    const window = new MessageWindow();
    window.merge(messages(51, 100), {}, Infinity);
    window.merge(messages(1, 50), { before: 51 }, Infinity);
    expect(window.next(Infinity, 50)).toBeUndefined();
    expect(window.messages).toHaveLength(100);
  });

  it("drops the part below a hole that the limit does not let it close", () => {
    const window = new MessageWindow();
    for (const seq of [1, 2, 3]) window.add(message(seq));
    const { dropped } = window.merge(messages(99, 100), {}, 2);
    expect(dropped.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(seqs(window)).toEqual([99, 100]);
  });

  it("ends where the server has nothing older", () => {
    const window = new MessageWindow();
    window.merge(messages(8, 10), {}, 200);
    window.merge([], { before: 8 }, 200);
    expect(window.next(200, 50)).toBeUndefined();
    expect(seqs(window)).toEqual([8, 9, 10]);
  });

  it("is the same after a restart", () => {
    const window = new MessageWindow();
    window.merge(messages(8, 10), {}, 3);
    window.confirmed = 10;
    const again = MessageWindow.restored(structuredClone(window.row()));
    for (const held of window.held) again.add(held);
    expect(again.row()).toEqual(window.row());
    expect(again.end).toBe(10);
    expect(again.next(3, 50)).toBeUndefined();
  });
});
