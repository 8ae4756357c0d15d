import { Access, Device, IndexedDbStore, type Session, SignalRTransport, StoreInUse, Unauthenticated, wakeWithPage } from "../client/index.ts";
import { element } from "./dom.ts";
import { Pane } from "./pane.ts";

/** The demo's logins, as the server hands them out in demo mode only. */
interface Logins {
  readonly agent: { readonly account: string; readonly email: string; readonly password: string; readonly name: string };
  readonly inbox: { readonly identifier: string; readonly name: string };
  readonly customer: { readonly name: string };
}

const server = new URL("/", location.href);
const access = new Access(server);

/** Signs in once per browser: the device is the same one after a reload, and finds its store again. */
async function sessionOf(name: string, signIn: () => Promise<Session>): Promise<Session> {
  const key = `rcc-demo-${name}`;
  const known = localStorage.getItem(key);
  if (known !== null) {
    const session = JSON.parse(known) as Session;
    try {
      await access.ticket(session);
      return session;
    } catch (error) {
      if (!(error instanceof Unauthenticated)) throw error;
    }
  }
  const session = await signIn();
  localStorage.setItem(key, JSON.stringify(session));
  return session;
}

async function open(name: string, signIn: () => Promise<Session>): Promise<Device> {
  const session = await sessionOf(name, signIn);
  const device = await Device.open({
    // One database per device: a new session never finds what another person left.
    store: await IndexedDbStore.open(`rcc-demo-${name}-${session.deviceId}`),
    transport: new SignalRTransport({ server, credential: () => access.ticket(session) }),
  });
  wakeWithPage(device);
  device.goOnline();
  return device;
}

async function start(): Promise<void> {
  const response = await fetch(new URL("/demo/logins.json", server));
  if (!response.ok) throw new Error("The server has no demo logins. Start it with --demo.");
  const { agent, inbox, customer } = (await response.json()) as Logins;
  const signIn = (deviceName: string) => () => access.signIn({ account: agent.account, email: agent.email, password: agent.password, deviceName });
  const [visitor, desk, phone] = await Promise.all([
    open("customer", () => access.enter({ inboxIdentifier: inbox.identifier, name: customer.name, deviceName: "Demo widget" })),
    open("desk", signIn("Demo desk")),
    open("phone", signIn("Demo phone")),
  ]);
  desk.setAvailability({ availability: "online" });
  const follow = (): string | undefined => visitor.views.conversations()[0]?.conversationId;
  document.getElementById("panes")?.replaceChildren(
    new Pane(visitor, { title: `${customer.name} · customer`, role: "customer", placeholder: `Write to ${inbox.name}` }).element,
    new Pane(desk, { title: `${agent.name} · desk`, role: "agent", placeholder: "Answer", follow }).element,
    new Pane(phone, { title: `${agent.name} · phone`, role: "agent", placeholder: "Answer", follow }).element,
  );
}

start().catch((error: unknown) => {
  const text = error instanceof StoreInUse ? "The demo is open in another tab of this browser." : error instanceof Error ? error.message : String(error);
  document.getElementById("panes")?.replaceChildren(element("p", { class: "notice", role: "alert" }, text));
});
