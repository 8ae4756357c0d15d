import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { play, type RecordedConversation } from "./recorded.ts";

const file = new URL("../../../tests/contract/sync-conversations.json", import.meta.url);
const conversations = JSON.parse(readFileSync(file, "utf8")) as RecordedConversation[];

describe("The recorded sync conversations, which both device clients hold to", () => {
  it.each(conversations.map((conversation) => [conversation.name, conversation] as const))("%s", (_name, conversation) => play(conversation));
});
