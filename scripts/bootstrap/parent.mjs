/** How often the parent is looked at, in ms. */
const interval = 500;

/**
 * npm passes a SIGTERM on to the shell between us only, and both are gone while we would run on. Started by npm, an
 * orphan therefore takes it that it was told to stop.
 */
export function stopWithParent() {
  if (process.platform === "win32" || process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, interval);
  timer.unref();
}
