// Readers that nobody here wrote read fuzzed records; `npm run readers` gives them many more.
import { describe, expect, inject, it } from "vitest";
import { layoutNames } from "../../src/format/names.ts";
import { registeredFormatNames } from "../../src/format/value-formats.ts";
import { javaProblem } from "../../src/local/native.ts";
import {
  apicurioConverter,
  apicurioSerdes,
  pythonDeserializers,
} from "../readers/readers.ts";
import { readFuzzed } from "../readers/read-fuzzed.ts";
import { servers } from "../support/kafka/kafka.ts";

const packages = inject("python");
const registryUrl = servers?.registryUrl ?? "";
const readers = [
  ...(packages === null ? [] : [pythonDeserializers(packages)]),
  ...((await javaProblem()) === null
    ? [apicurioSerdes, apicurioConverter]
    : []),
];
const runs = registeredFormatNames.flatMap((format) =>
  layoutNames.map((layout) => {
    const able = readers.filter(({ formats }) => formats.includes(format));
    const names = able.map(({ name }) => name).join(", ");
    return { format, layout, readers: able, names };
  }),
);

describe.skipIf(servers === null || readers.length === 0)("readers", () => {
  it.each(runs)(
    "read 500 fuzzed values as $format, $layout: $names",
    async (run) => {
      const options = { envelope: "change", records: 500, seed: 3 } as const;
      expect(await readFuzzed({ ...run, ...options, registryUrl })).toBe(500);
    },
  );
});
