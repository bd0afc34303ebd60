import type { RunEvent } from "@spacex-etl/contracts";

/** Shows the events of a run on stderr while it goes on. */
export interface Display {
  readonly onEvent: (event: RunEvent) => void;
  /** Shows a sentence that is no event of the run, at once. */
  note(message: string): void;
  /** Ends the display and gives the terminal back as it was. May be called twice. */
  close(): void;
}
