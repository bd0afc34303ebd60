/** What a command needs of its process. */
export interface CommandIo {
  /** One line, without its end. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  /** Ends the command. */
  readonly signal: AbortSignal;
}
