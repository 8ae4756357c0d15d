import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Access, Device, HubFailure, MemoryStore, type Session, SignalRTransport, Unauthenticated } from "../client/index.ts";
import { SmallCentre } from "./small-centre.ts";

const soon = { timeout: 10_000, interval: 10 };
let centre: SmallCentre;
let access: Access;
const devices: Device[] = [];

const signIn = (deviceName: string): Promise<Session> => access.signIn({ account: "demo", email: "ada@demo.example", password: "correct horse", deviceName });
const enter = (): Promise<Session> => access.enter({ inboxIdentifier: "demo", name: "Mira" });
const transportOf = (session: Session): SignalRTransport => new SignalRTransport({ server: centre.address, credential: () => Promise.resolve(session.accessToken) });

async function connected(session: Session): Promise<Device> {
  const device = await Device.open({ store: new MemoryStore(), transport: transportOf(session), reconnect: { floorMs: 1, ceilingMs: 20 } });
  devices.push(device);
  device.goOnline();
  await vi.waitFor(() => expect(device.status.phase).toBe("live"), soon);
  return device;
}

const texts = (device: Device, conversationId: string): string[] => device.views.messages(conversationId).map(({ content }) => content);

beforeEach(async () => {
  centre = await SmallCentre.start();
  access = new Access(centre.address);
});

afterEach(async () => {
  for (const device of devices.splice(0)) await device.close();
  await centre.stop();
});

describe("Over SignalR", () => {
  it("a customer's message is on both of the agent's devices, and its receipt comes back", async () => {
    const [customer, desk, phone] = [await connected(await enter()), await connected(await signIn("desk")), await connected(await signIn("phone"))];
    const { conversationId } = customer.openConversation();
    await expect(customer.post(conversationId, "Where is my parcel?").outcome).resolves.toMatchObject({ code: "ok", seq: 1 });
    await vi.waitFor(() => {
      expect(texts(desk, conversationId)).toEqual(["Where is my parcel?"]);
      expect(texts(phone, conversationId)).toEqual(["Where is my parcel?"]);
      expect(customer.views.messages(conversationId)[0]?.status).toBe("delivered");
    }, soon);
    desk.markRead(conversationId, 1);
    await vi.waitFor(() => {
      expect(customer.views.messages(conversationId)[0]?.status).toBe("displayed");
      expect(phone.views.unread(conversationId)).toBe(0);
    }, soon);
    phone.setDraft(conversationId, "On its w");
    phone.typed(conversationId);
    await vi.waitFor(() => {
      expect(desk.views.draft(conversationId)?.text).toBe("On its w");
      expect(customer.views.typing(conversationId)).toHaveLength(1);
    }, soon);
    await vi.waitFor(async () => expect(await desk.canonicalHash()).toBe(await phone.canonicalHash()), soon);
  });

  it("what was written while the connection was gone is sent and fetched when it is back", async () => {
    const [customer, desk] = [await connected(await enter()), await connected(await signIn("desk"))];
    const { conversationId } = customer.openConversation();
    await customer.post(conversationId, "1").outcome;
    await vi.waitFor(() => expect(texts(desk, conversationId)).toEqual(["1"]), soon);
    centre.reachable = false;
    centre.dropAll();
    await vi.waitFor(() => expect([customer.status.phase, desk.status.phase]).not.toContain("live"), soon);
    const given = [desk.post(conversationId, "2"), desk.post(conversationId, "3")];
    expect(texts(desk, conversationId)).toEqual(["1", "2", "3"]);
    centre.reachable = true;
    await Promise.all(given.map(({ outcome }) => outcome));
    await vi.waitFor(() => expect(texts(customer, conversationId)).toEqual(["1", "2", "3"]), soon);
  });

  it("a command whose answer is lost with the connection is carried out once", async () => {
    const customer = await connected(await enter());
    const { conversationId, outcome } = customer.openConversation();
    await outcome;
    centre.loseAnswers = 2;
    await expect(customer.post(conversationId, "once").outcome).resolves.toMatchObject({ code: "ok", seq: 1 });
    expect(centre.stored(conversationId).map(({ content }) => content)).toEqual(["once"]);
    await vi.waitFor(() => expect(customer.views.messages(conversationId).map(({ status }) => status)).toEqual(["sent"]), soon);
  });

  it("a credential that is not accepted stops the device and keeps its outbox", async () => {
    const session = { ...(await signIn("desk")), accessToken: "garbled" };
    const device = await Device.open({ store: new MemoryStore(), transport: transportOf(session) });
    devices.push(device);
    device.post("018f0000-0000-7000-8000-0000000000c1", "kept");
    device.goOnline();
    await vi.waitFor(() => expect(device.status).toEqual({ phase: "stopped", stopReason: "unauthenticated", waiting: 1 }), soon);
  });

  it("what an agent says of itself, word, note and end, is the same on all its devices, also on one that comes later", async () => {
    const [desk, phone] = [await connected(await signIn("desk")), await connected(await signIn("phone"))];
    const lunch = { availability: "away", label: "Lunch", note: "back at one", until: "2026-01-01T13:00:00Z" } as const;
    await expect(desk.setAvailability(lunch).outcome).resolves.toMatchObject({ code: "ok" });
    const said = { availability: "away", availabilityLabel: "Lunch", availabilityNote: "back at one", availabilityUntil: "2026-01-01T13:00:00Z" };
    await vi.waitFor(() => expect(phone.views.agents()).toMatchObject([said]), soon);
    const late = await connected(await signIn("tablet"));
    expect(late.views.agents()).toEqual(phone.views.agents());
    await expect(phone.setAvailability({}).outcome).resolves.toMatchObject({ code: "ok" });
    await vi.waitFor(() => expect(desk.views.agents()[0]).not.toHaveProperty("availabilityLabel"), soon);
    expect(await desk.canonicalHash()).toBe(await phone.canonicalHash());
  });

  it("an error of the hub is told apart from a connection that went", async () => {
    let closed = 0;
    const connection = await transportOf(await enter()).open({ pushed: () => undefined, closed: () => closed++ });
    await expect(connection.call("Nonsense", {})).rejects.toBeInstanceOf(HubFailure);
    const unanswered = connection.call("Silence", {});
    const failed = expect(unanswered).rejects.not.toBeInstanceOf(HubFailure);
    centre.dropAll();
    await failed;
    expect(closed).toBe(1);
  });

  it("a connection that the device itself closes is not reported as lost", async () => {
    let closed = 0;
    const connection = await transportOf(await enter()).open({ pushed: () => undefined, closed: () => closed++ });
    const unanswered = expect(connection.call("Silence", {})).rejects.toThrow();
    connection.close();
    await unanswered;
    expect(closed).toBe(0);
  });
});

describe("Signing in", () => {
  it("gives a ticket that opens one connection", async () => {
    const session = await enter();
    expect(await access.ticket(session)).not.toBe(await access.ticket(session));
  });

  it("names what was wrong", async () => {
    await expect(access.signIn({ account: "demo", email: "ada@demo.example", password: "wrong", deviceName: "desk" })).rejects.toThrow("Wrong account, e-mail or password.");
    await expect(access.ticket({ accessToken: "garbled" })).rejects.toBeInstanceOf(Unauthenticated);
    await expect(access.signOut({ accessToken: "garbled" })).rejects.toMatchObject({ name: "Refused", status: 404 });
  });
});
