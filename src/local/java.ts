import { runBriefly } from "./run-briefly.ts";

const OLDEST = 17;

/** Returns why there is no Java that runs Kafka; null when there is one. */
export async function javaVersionProblem(): Promise<string | null> {
  const java = await runBriefly("java", "-version");
  if (java.kind === "failed") return java.problem;
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(java.output) ?? [];
  // Before Java 9, the version was 1.8 and the like.
  const version = Number((major === "1" ? minor : major) ?? 0);
  return version < OLDEST
    ? `java is ${version}, and ${OLDEST} or newer is needed`
    : null;
}

/** Returns why Maven can't download anything; null when it can. */
export async function mavenProblem(): Promise<string | null> {
  const maven = await runBriefly("mvn", "--version");
  return maven.kind === "failed" ? maven.problem : null;
}
