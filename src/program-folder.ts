/**
 * The folder that holds the program: `src`, or `dist` where the program is built. This module is
 * right in it in both.
 */
export const programFolder = new URL("./", import.meta.url);

/** The folder of the package, with `package.json` and `schemas`. */
export const packageFolder = new URL("../", import.meta.url);
