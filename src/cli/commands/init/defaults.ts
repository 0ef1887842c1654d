/** The file that `init` writes when none is named. */
export const DEFAULT_FILE = "connector.config.json";

/** The environment variable that a first configuration takes the access token from. */
export const TOKEN_VARIABLE = "SELL_ACCESS_TOKEN";
