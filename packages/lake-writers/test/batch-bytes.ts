/** Two raw parts of 8000 bytes: what a killed process and the one that goes on must agree on. */
export const BATCH_BYTES = 16_000;
