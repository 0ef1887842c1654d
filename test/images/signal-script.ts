/** A script for node within a container: sends a signal to sell-kafka, which an init may have started. */
export function signalScript(signal: NodeJS.Signals): string {
  return `const { readdirSync, readFileSync } = require("node:fs");
for (const pid of readdirSync("/proc").filter(Number))
  if (readFileSync("/proc/" + pid + "/cmdline", "utf8").startsWith("sell-kafka"))
    process.kill(pid, "${signal}");`;
}
