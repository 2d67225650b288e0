/** What the command reads from and writes to. Tests give their own. */
export interface OfpIo {
  /** The bytes of a file, or of standard input for `-`. */
  readonly open: (path: string) => AsyncIterable<Uint8Array>
  /** Resolves when the reader has room for more. */
  readonly write: (output: string | Uint8Array) => Promise<void>
  readonly error: (line: string) => void
  readonly isTerminal: boolean
}

/** Standard input, output and error, and the file system. */
export const processIo = (): OfpIo => ({
  open: (path) => (path === '-' ? Bun.stdin.stream() : Bun.file(path).stream()),
  write: (output) =>
    new Promise((resolve, reject) => {
      process.stdout.write(output, (problem) => (problem ? reject(problem) : resolve()))
    }),
  error: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY === true,
})
