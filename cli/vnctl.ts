/** `vnctl`: the network's command line. Every command is loaded only when it is used. */
import type { Streams } from './vnctl/command.ts'

const streams: Streams = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(`${text}\n`),
}

async function run(argv: string[]): Promise<number> {
  if (argv[0] === 'ofp') return (await import('./vnctl/ofp/command.ts')).run(argv.slice(1))
  const { main } = await import('./vnctl/main.ts')
  return main(argv, process.env, process.stdout.isTTY === true, streams)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`vnctl … | head`) is no error.
  if (error.code === 'EPIPE') process.exit(0)
  streams.error(`vnctl: the output cannot be written: ${error.message}`)
  process.exit(1)
})
process.exitCode = await run(process.argv.slice(2))
