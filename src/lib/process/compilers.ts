import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from optimizing code: JavaScript until `optimizeHotCode`, and WebAssembly, which is
 * undici's HTTP parser, for good. Each of the two compilers takes some 10 MB that an idle process
 * keeps; a drain is no slower with the parser as it is.
 */
export function optimizeNothing(): void {
  setFlags("--no-wasm-tier-up", "--no-wasm-dynamic-tiering");
  setFlags("--no-maglev", "--no-turbofan");
}

/** Lets V8 optimize the JavaScript that runs often. */
export function optimizeHotCode(): void {
  setFlags("--maglev", "--turbofan");
}

function setFlags(...flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}
