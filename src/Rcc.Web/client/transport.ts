import type { PushBatch } from "./contract.ts";

/** The credential is not accepted, or no longer. */
export class Unauthenticated extends Error {
  override readonly name = "Unauthenticated";
}

/** The server answered a call with an error of the hub instead of an outcome. */
export class HubFailure extends Error {
  override readonly name = "HubFailure";
}

/** Carries calls and pushes between a device and the server. */
export interface Transport {
  /** Connects, or throws: {@link Unauthenticated}, or anything else when it can be tried again, with `retryAfterSeconds` where the server has said when. */
  open(receiver: Receiver): Promise<Connection>;
}

/** One connection. */
export interface Connection {
  /** Calls a hub method. Throws {@link HubFailure} when the server says so, anything else when the connection is gone and the outcome unknown. */
  call(method: string, argument: object): Promise<unknown>;
  /** Closes it; `closed` is not told. */
  close(): void;
}

/** What a connection tells the device. */
export interface Receiver {
  pushed(batch: PushBatch): void;
  /** It is gone, and nobody here closed it. */
  closed(): void;
}
