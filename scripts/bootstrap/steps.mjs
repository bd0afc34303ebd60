/**
 * What a person sees of the set-up: one line per finished step, and on a terminal one live line for those at work.
 * A step that found everything ready says nothing. All of it goes to stderr: stdout belongs to the job.
 *
 * @typedef {object} Steps
 * @property {(line: string) => void} say
 * @property {<T>(name: string, work: () => Promise<T>) => Promise<T>} run Runs `work`; prints `name` with its time when it is done.
 * @property {() => void} clear Removes the live line.
 */

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** @param {NodeJS.WriteStream} [stream] @returns {Steps} */
export function createSteps(stream = process.stderr) {
  const live = stream.isTTY === true && process.env.TERM !== "dumb" && process.env.CI === undefined;
  /** @type {Map<string, number>} */
  const active = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let frame = 0;

  const clear = () => {
    if (live && timer !== undefined) stream.write("\r\x1b[K");
  };
  const draw = () => {
    const oldest = Math.min(...active.values());
    const text = `${frames[frame++ % frames.length]} ${[...active.keys()].join(" · ")} (${seconds(oldest, 0)})`;
    stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 80) - 1)}`);
  };
  const say = (/** @type {string} */ line) => {
    clear();
    stream.write(`${line}\n`);
  };
  const refresh = () => {
    if (!live) return;
    if (active.size === 0) {
      clear();
      clearInterval(timer);
      timer = undefined;
    } else {
      timer ??= setInterval(draw, 120);
      timer.unref();
    }
  };

  return {
    say,
    clear,
    async run(name, work) {
      const start = performance.now();
      active.set(name, start);
      refresh();
      try {
        const result = await work();
        say(`✔ ${name} (${seconds(start, 1)})`);
        return result;
      } finally {
        active.delete(name);
        refresh();
      }
    },
  };
}

/** @param {number} since A time of `performance.now()`. @param {number} digits */
function seconds(since, digits) {
  return `${((performance.now() - since) / 1000).toFixed(digits)} s`;
}
