// Gives each property the same cases in every run. `FAST_CHECK_SEED=2 npm run test:unit` tries others.
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 1) });
