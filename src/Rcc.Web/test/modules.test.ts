import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/*
 * Goal: the client's modules depend one way, so that each can be read, and tested, without those that build on it. Types count too.
 * Method: take away the modules that import nothing that is left, until none can be taken; what is left then is a cycle, or builds on one.
 */

const folder = new URL("../client/", import.meta.url);

function importsOf(name: string): string[] {
  return [...readFileSync(new URL(name, folder), "utf8").matchAll(/ from "\.\/([^"]+)"/g)].map(([, imported = ""]) => imported);
}

function cyclesIn(modules: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(modules);
  for (;;) {
    const free = [...left].filter(([, imports]) => imports.every((imported) => !left.has(imported)));
    if (free.length === 0) return [...left.keys()];
    for (const [name] of free) left.delete(name);
  }
}

describe("The client's modules", () => {
  it("depend one way", () => {
    const modules = new Map(readdirSync(folder).map((name) => [name, importsOf(name)]));
    expect(modules.get("device.ts")).toContain("replica.ts");
    expect(cyclesIn(modules)).toEqual([]);
  });

  it("would be found out if they did not", () => {
    const modules = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]], ["d", []]]);
    expect(cyclesIn(modules)).toEqual(["a", "b", "c"]);
  });
});
