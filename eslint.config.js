import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Each room may import from the rooms listed for it (and from itself); data flows one way. */
const rooms = {
  json: [],
  security: [],
  pipeline: ["json"],
  config: ["security"],
  observe: ["pipeline", "config", "security"],
  fleet: ["pipeline", "config", "observe", "kafka"],
  sell: ["pipeline", "json", "security"],
  format: ["pipeline", "json", "security"],
  kafka: ["pipeline", "format", "security"],
  "dead-letters": ["pipeline", "format", "kafka", "sell"],
  audit: ["pipeline", "json", "format", "kafka", "sell", "dead-letters"],
  simulator: [],
  local: [],
};

const allRooms = [...Object.keys(rooms), "cli"];

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            regex: `^\\.\\./(${allRooms.filter((r) => r !== room && !allowed.includes(r)).join("|")})/`,
            message: `src/${room} may import only from: ${allowed.join(", ") || "nothing but itself"}.`,
          },
          {
            regex: "^\\.\\./(connector|main)\\.ts$",
            message: "Dependencies point inwards.",
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  globalIgnores(["dist/", "node_modules/", "coverage/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/main.ts", "src/healthcheck.ts", "src/local/watcher.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        {
          name: "process",
          message: "Only the entry points touch the process.",
        },
      ],
    },
  },
  ...roomRules,
);
