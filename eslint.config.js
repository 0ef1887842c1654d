import boundaries from "eslint-plugin-boundaries";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Each room may import from the rooms listed for it, and from itself; data flows one way. */
const rooms = {
  lib: [],
  json: [],
  security: ["domain", "lib"],
  domain: [],
  config: ["format", "lib", "security"],
  pipeline: ["domain", "lib"],
  sell: ["domain", "json", "lib", "security"],
  format: ["domain", "json", "lib", "security"],
  kafka: ["domain", "lib", "security"],
  publish: ["domain", "format", "json", "kafka", "lib"],
  observe: ["config", "domain", "format", "lib", "security"],
  cluster: ["domain", "kafka", "lib"],
  supervisor: ["cluster", "config", "domain", "lib"],
  "dead-letters": [
    "domain",
    "format",
    "kafka",
    "lib",
    "pipeline",
    "publish",
    "sell",
  ],
  audit: [
    "dead-letters",
    "domain",
    "format",
    "json",
    "kafka",
    "lib",
    "pipeline",
    "publish",
    "sell",
  ],
  simulator: [],
  local: ["kafka", "lib", "security"],
};

/** These put the rooms together: each may import from all of the above, and from those listed for it. */
const composing = { app: [], doctor: ["app"], cli: ["app", "doctor"] };

const allowedFrom = {
  ...rooms,
  ...Object.fromEntries(
    Object.entries(composing).map(([room, others]) => [
      room,
      [...Object.keys(rooms), ...others],
    ]),
  ),
};

const roomRules = {
  files: ["src/**/*.ts"],
  plugins: { boundaries },
  settings: {
    "boundaries/elements": Object.keys(allowedFrom).map((type) => ({
      type,
      pattern: `src/${type}`,
    })),
  },
  rules: {
    "boundaries/dependencies": [
      "error",
      {
        default: "allow",
        policies: Object.entries(allowedFrom).map(([room, allowed]) => ({
          from: { element: { type: room } },
          disallow: {
            to: {
              element: {
                types: {
                  anyOf: Object.keys(allowedFrom).filter(
                    (other) => other !== room && !allowed.includes(other),
                  ),
                },
              },
            },
          },
          message: `src/${room} may import only from: ${allowed.join(", ") || "nothing but itself"}.`,
        })),
      },
    ],
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            regex: "/main\\.ts$",
            message: "Dependencies point inwards.",
          },
        ],
      },
    ],
  },
};

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
    rules: { "max-lines": ["error", 250] },
  },
  {
    files: ["src/**/*.ts"],
    ignores: [
      "src/main.ts",
      "src/healthcheck.ts",
      "src/local/reaper/reaper.ts",
    ],
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
  roomRules,
  {
    files: ["src/**/*.ts"],
    ignores: ["src/kafka/client/**"],
    rules: {
      // A rule for imports would miss the modules that `require` loads.
      "no-restricted-syntax": [
        "error",
        {
          selector: "Literal[value=/^kafkajs(\\u002f|$)/]",
          message:
            "Only src/kafka/client imports kafkajs: take what is needed from src/kafka/client/kafkajs.ts.",
        },
      ],
    },
  },
);
