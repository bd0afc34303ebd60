/** Node.js takes longer times for 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
