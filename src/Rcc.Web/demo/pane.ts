import type { ConversationView, Device, DeviceStatus, MessageView } from "../client/index.ts";
import { button, element, KeyedList } from "./dom.ts";

/** What a pane shows of a device. */
export interface PaneOptions {
  readonly title: string;
  readonly role: "agent" | "customer";
  readonly placeholder: string;
  /** What an agent looks at until somebody chooses: the conversation of the customer on the same page. */
  readonly follow?: () => string | undefined;
}

const ticks = { pending: "◷ waiting", failed: "⚠ refused", sent: "✓ sent", delivered: "✓✓ delivered", displayed: "✓✓ read" } as const;
const draftAfterMs = 250;

/** One device on the page: its state, its conversations, the messages of one of them, and a place to write. */
export class Pane {
  readonly element: HTMLElement;
  readonly #device: Device;
  readonly #options: PaneOptions;
  readonly #state = element("p", { class: "state", role: "status" });
  readonly #online = element("input", { type: "checkbox", role: "switch", checked: true });
  readonly #tabs = element("ul", { class: "conversations", "aria-label": "Conversations" });
  readonly #subject = element("div", { class: "subject" });
  readonly #log = element("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
  readonly #typing = element("p", { class: "typing", "aria-live": "polite" });
  readonly #conflict = element("div", { class: "conflict", role: "alert", hidden: true });
  readonly #input = element("textarea", { rows: "1", maxlength: "4000" });
  readonly #send = element("button", { type: "submit" }, "Send");
  readonly #conversations: KeyedList<ConversationView & { readonly current: boolean }>;
  readonly #messages: KeyedList<MessageView & { readonly author: string }>;
  #unwatch: () => void = () => undefined;
  #selected: string | undefined;
  /** What was open on the desk before this page was: nobody chose it here. */
  #openBefore: string | undefined;
  #wasLive = false;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(device: Device, options: PaneOptions) {
    this.#device = device;
    this.#options = options;
    this.#conversations = new KeyedList(this.#tabs, (entry) => this.#tab(entry));
    this.#messages = new KeyedList(this.#log, (entry) => this.#message(entry));
    const form = element("form", {}, element("label", { class: "unseen", for: `${device.identity?.deviceId ?? options.title}-text` }, `Write as ${options.title}`), this.#input, this.#send);
    this.#input.id = `${device.identity?.deviceId ?? options.title}-text`;
    this.#input.placeholder = options.placeholder;
    this.element = element(
      "section",
      { class: "pane", "aria-label": options.title, "data-role": options.role },
      element("header", {}, element("h2", {}, options.title), this.#state, element("label", { class: "switch" }, "Online", this.#online)),
      this.#tabs,
      this.#subject,
      this.#log,
      this.#typing,
      this.#conflict,
      form,
    );
    this.#listen(form);
    this.#show();
  }

  #listen(form: HTMLFormElement): void {
    this.#device.changes.on(() => this.#show());
    this.#online.addEventListener("change", () => {
      if (this.#online.checked) this.#device.goOnline();
      else this.#device.goOffline();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#post();
    });
    this.#input.addEventListener("keydown", (event) => {
      // While an input method composes, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#post();
    });
    this.#input.addEventListener("input", () => this.#typed());
    for (const event of ["focusin", "pointerdown"]) this.element.addEventListener(event, () => this.#seen());
  }

  #post(): void {
    const text = this.#input.value.trim();
    if (text === "") return;
    // A customer's first message opens the conversation; both go out in this order, now or later.
    const conversationId = this.#selected ?? this.#device.openConversation().conversationId;
    this.#selected = conversationId;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    this.#device.post(conversationId, text);
    if ((this.#device.views.draft(conversationId)?.text ?? "") !== "") this.#device.setDraft(conversationId, "");
    this.#input.value = "";
    this.#show();
  }

  #typed(): void {
    const conversationId = this.#selected;
    if (conversationId === undefined) return;
    this.#device.typed(conversationId);
    if (this.#options.role !== "agent") return;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => {
      this.#draftTimer = undefined;
      this.#device.setDraft(conversationId, this.#input.value);
    }, draftAfterMs);
  }

  /** Touching a pane is looking at it; being on the same page is not. */
  #seen(): void {
    const last = this.#selected === undefined ? undefined : this.#device.views.messages(this.#selected).findLast(({ own, seq }) => !own && seq !== undefined);
    if (this.#selected !== undefined && last?.seq !== undefined) this.#device.markRead(this.#selected, last.seq);
  }

  #select(conversationId: string): void {
    this.#openBefore = undefined;
    this.#device.setOpenConversation(conversationId);
    this.#show();
    this.#seen();
  }

  #show(): void {
    const { views, status } = this.#device;
    const conversations = views.conversations();
    const current = this.#choose(conversations);
    if (current?.conversationId !== this.#selected) {
      this.#selected = current?.conversationId;
      this.#unwatch();
      this.#unwatch = this.#selected === undefined ? () => undefined : this.#device.watch(this.#selected);
      this.#input.value = "";
    }

    this.element.dataset["phase"] = status.phase;
    this.#say(this.#state, stateText(status, views.posts().filter((post) => post.status === "pending").length));
    this.#conversations.show(
      this.#options.role === "agent" ? conversations.map((conversation) => ({ ...conversation, current: conversation === current })) : [],
      ({ conversationId }) => conversationId,
    );
    this.#showSubject(current);
    this.#showMessages(current);
    this.#showDraft(current);
    const closed = this.#options.role === "agent" && current?.state?.status === "resolved";
    const nothing = this.#options.role === "agent" && current === undefined;
    // Who is working in this pane sees what arrives in it.
    if (document.hasFocus() && this.element.contains(document.activeElement)) this.#seen();
    this.#input.disabled = this.#send.disabled = closed || nothing || status.phase === "stopped";
  }

  /** What is chosen on any of the agent's devices, else the conversation of this page, else the newest. */
  #choose(conversations: readonly ConversationView[]): ConversationView | undefined {
    const find = (id: string | undefined): ConversationView | undefined => conversations.find(({ conversationId }) => conversationId === id);
    if (this.#options.role === "customer") return find(this.#selected) ?? conversations[0];
    const shared = this.#device.views.openConversation();
    if (!this.#wasLive) this.#openBefore = shared;
    else if (shared !== this.#openBefore) this.#openBefore = undefined;
    this.#wasLive ||= this.#device.status.phase === "live";
    const chosen = shared === this.#openBefore ? undefined : find(shared);
    return chosen ?? find(this.#options.follow?.()) ?? find(this.#selected) ?? conversations[0];
  }

  #showSubject(conversation: ConversationView | undefined): void {
    const state = conversation?.state;
    const shown = JSON.stringify([conversation?.conversationId, state?.status, state?.displayId]);
    if (this.#subject.dataset["shown"] === shown) return;
    this.#subject.dataset["shown"] = shown;
    if (conversation === undefined || state === undefined) return this.#subject.replaceChildren();
    const { conversationId } = conversation;
    const text = `#${state.displayId} · ${state.status === "open" ? "Open" : "Resolved"}`;
    if (this.#options.role === "customer") return this.#subject.replaceChildren(text);
    const act = state.status === "open" ? button("Resolve", () => void this.#device.resolve(conversationId)) : button("Reopen", () => void this.#device.reopen(conversationId));
    this.#subject.replaceChildren(text, act);
  }

  #showMessages(conversation: ConversationView | undefined): void {
    const { views } = this.#device;
    const messages = conversation === undefined ? [] : views.messages(conversation.conversationId);
    const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 80;
    const before = this.#log.childElementCount;
    const shown = messages.map((message) => ({ ...message, author: this.#authorOf(message, conversation) }));
    this.#messages.show(shown, ({ messageId }) => messageId);
    if (atEnd || before === 0) this.#log.scrollTop = this.#log.scrollHeight;
    const typing = conversation === undefined ? [] : views.typing(conversation.conversationId);
    this.#say(this.#typing, typing.length === 0 ? "" : `${this.#options.role === "agent" ? "The customer" : "The agent"} is typing …`);
  }

  #showDraft(conversation: ConversationView | undefined): void {
    if (this.#options.role !== "agent" || conversation === undefined) return;
    const { conversationId } = conversation;
    const draft = this.#device.views.draft(conversationId);
    // What is being typed here goes before what comes from the other device.
    if (this.#draftTimer === undefined && this.#input.value !== (draft?.text ?? "")) this.#input.value = draft?.text ?? "";
    this.#conflict.hidden = draft?.conflict === undefined;
    if (draft?.conflict === undefined) return;
    const mine = draft.conflict.text;
    this.#conflict.replaceChildren(
      `Another device changed this draft. Written here: “${mine}” `,
      button("Use mine", () => void this.#device.setDraft(conversationId, mine)),
      " ",
      button("Keep theirs", () => this.#device.dismissDraft(conversationId)),
    );
  }

  #tab({ conversationId, state, unread, current }: ConversationView & { readonly current: boolean }): HTMLElement {
    const tab = button(`${state?.contactName ?? "Customer"}${state === undefined ? "" : ` #${state.displayId}`}`, () => this.#select(conversationId), { "aria-current": current ? "true" : undefined });
    if (unread > 0) tab.append(element("span", { class: "unread" }, String(unread), element("span", { class: "unseen" }, " unread")));
    return element("li", {}, tab);
  }

  #message({ author, own, content, at, status, messageId, refused }: MessageView & { readonly author: string }): HTMLElement {
    const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const meta = element("span", { class: "meta", "aria-live": "off" }, own ? `${time} · ` : `${author} · ${time}`);
    if (own) meta.append(element("span", { class: status }, status === "failed" ? `${ticks.failed} (${refused?.code ?? ""})` : ticks[status]));
    if (status === "failed") {
      meta.append(" ", button("Try again", () => void this.#device.retry(messageId)), " ", button("Discard", () => this.#device.dismiss(messageId)));
    }
    return element("div", { class: `message ${own ? "own" : "other"} ${status}`, "data-message-id": messageId }, element("p", { class: "bubble", dir: "auto" }, content), meta);
  }

  #authorOf(message: MessageView, conversation: ConversationView | undefined): string {
    if (message.role === "customer") return conversation?.state?.contactName ?? "Customer";
    if (message.role === "system") return "Contact centre";
    return (message.personId === undefined ? undefined : this.#device.views.item("agent", message.personId)?.state.name) ?? "Agent";
  }

  /** A live region speaks when it is written to, so only when there is something new. */
  #say(region: HTMLElement, text: string): void {
    if (region.textContent !== text) region.textContent = text;
  }
}

function stateText({ phase, stopReason }: DeviceStatus, pending: number): string {
  const where = { offline: "Offline", waiting: "No connection, trying again", connecting: "Connecting", catchingUp: "Catching up", live: "Connected", stopped: `Stopped: ${stopReason ?? ""}` }[phase];
  return pending === 0 ? where : `${where} · ${pending} ${pending === 1 ? "message" : "messages"} waiting`;
}
