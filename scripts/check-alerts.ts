// Tests the alert rules by Prometheus's own promtool, which Debian's package has where none is here.
import {
  downloadPromtool,
  findPromtool,
  testAlerts,
} from "../test/support/prometheus/promtool.ts";

const promtool = (await findPromtool()) ?? (await downloadPromtool());
process.exitCode = await testAlerts(promtool);
