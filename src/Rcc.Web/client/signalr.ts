import { HttpTransportType, type HubConnection, HubConnectionBuilder, HubConnectionState, type IHttpConnectionOptions, NullLogger } from "@microsoft/signalr";
import type { PushBatch } from "./contract.ts";
import { type Connection, HubFailure, type Receiver, type Transport, Unauthenticated } from "./transport.ts";

/** How a device reaches its server. */
export interface SignalROptions {
  /** The server's address, such as `https://desk.example`; the hub is below it. */
  readonly server: string | URL;
  /**
   * What opens the connection, asked for before each attempt: in Node the bearer token, in a browser a one-use ticket, because a browser sends it in
   * the address. Throws {@link Unauthenticated} when there is none to be had.
   */
  readonly credential: () => Promise<string>;
}

/** The hub over WebSockets, by `@microsoft/signalr`. Reconnecting is left to the device, which also knows what to ask for then. */
export class SignalRTransport implements Transport {
  static readonly #keepAliveMs = 10_000;
  static readonly #serverTimeoutMs = 30_000;
  readonly #url: string;
  readonly #credential: () => Promise<string>;

  constructor({ server, credential }: SignalROptions) {
    this.#url = new URL("/hubs/v1/device", server).href;
    this.#credential = credential;
  }

  async open(receiver: Receiver): Promise<Connection> {
    // Before the handshake, so that a refused credential is told apart from a network that fails.
    const credential = await this.#credential();
    const http: IHttpConnectionOptions = {
      skipNegotiation: true,
      transport: HttpTransportType.WebSockets,
      accessTokenFactory: () => credential,
    };
    const hub = new HubConnectionBuilder().withUrl(this.#url, http).configureLogging(NullLogger.instance).build();
    hub.keepAliveIntervalInMilliseconds = SignalRTransport.#keepAliveMs;
    hub.serverTimeoutInMilliseconds = SignalRTransport.#serverTimeoutMs;
    let closedHere = false;
    hub.on("push", (batch: PushBatch) => receiver.pushed(batch));
    hub.onclose(() => {
      if (!closedHere) receiver.closed();
    });
    try {
      await hub.start();
    } catch (error) {
      if (await this.#isRefused(credential)) throw new Unauthenticated("The server does not accept the credential.", { cause: error });
      throw error;
    }
    return {
      call: (method, argument) => call(hub, method, argument),
      close: () => {
        closedHere = true;
        // Nothing to do about a connection that does not close well: it is not listened to any more.
        hub.stop().catch(() => undefined);
      },
    };
  }

  /** A failed handshake does not say why. Outside a browser the same credential can be shown to the hub's negotiation, which does. */
  async #isRefused(credential: string): Promise<boolean> {
    if (typeof document !== "undefined") return false;
    try {
      const response = await fetch(`${this.#url}/negotiate?negotiateVersion=1`, { method: "POST", headers: { Authorization: `Bearer ${credential}` } });
      return response.status === 401;
    } catch {
      // There is no network: nothing was refused.
      return false;
    }
  }
}

async function call(hub: HubConnection, method: string, argument: object): Promise<unknown> {
  try {
    return await hub.invoke(method, argument);
  } catch (error) {
    // The same rejection says that the server answered with an error, and that the connection went.
    if (hub.state !== HubConnectionState.Connected) throw error;
    throw new HubFailure(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
