// Entry of `npm start`, `npm test` and their siblings. It needs no dependency and no build.
// No static import here: an outdated Node must get as far as the message below.
const oldest = 18;
const running = process.versions.node;

if (Number.parseInt(running, 10) < oldest) {
  process.stderr.write(
    `✖ Node ${running} is too old to set spacex-etl up.\n` +
      "  Install Node 24 (20 or newer will do: the right one is then fetched into .tools/) and try again.\n",
  );
  process.exitCode = 2;
} else {
  import("./bootstrap/main.mjs").then(({ main }) => main(process.argv.slice(2)));
}
