import type { Device } from "./device.ts";

/** Wakes the device when the network comes back or the page is looked at again; the returned function ends that. */
export function wakeWithPage(device: Device): () => void {
  const wake = (): void => {
    if (document.visibilityState === "visible") device.wake();
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  return () => {
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
  };
}
