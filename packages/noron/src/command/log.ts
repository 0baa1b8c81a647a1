/** Where the command's words go: results to stdout, all else to stderr; with JSON everything as one object a line to stdout. */
export class Log {
  constructor(readonly json: boolean) {}

  /** A line for the person who waits. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`);
  }

  /** A line of the result. */
  result(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The same for programs. */
  event(name: string, fields: Record<string, unknown>): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ event: name, ...fields })}\n`);
  }
}
