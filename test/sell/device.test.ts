// The device of a connector stays the same for good, and a printing run has one of its own.
import { expect, it } from "vitest";
import { deviceUuid, printingDeviceUuid } from "../../src/sell/device.ts";

const identity = {
  clusterId: "5L6g3nShT-eMCtK--X86sw",
  name: "sell",
  topicsPattern: "sell.{type}",
  epoch: 0,
};

it("derives a device that stays the same for good", () => {
  expect(deviceUuid(identity)).toBe("2875c25c-507b-51e5-be77-ab75ca9d886b");
});

it.each([
  { clusterId: "another" },
  { name: "other" },
  { topicsPattern: "crm.{type}" },
  { epoch: 1 },
])("is another device with %o", (difference) => {
  expect(deviceUuid({ ...identity, ...difference })).not.toBe(
    deviceUuid(identity),
  );
});

it("gives a printing run a device of its own", () => {
  expect(printingDeviceUuid("sell", 0)).not.toBe(deviceUuid(identity));
});
