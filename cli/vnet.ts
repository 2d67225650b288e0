/** `vnet`: the host and what goes with it. */
import project from '../package.json' with { type: 'json' }

const commands = {
  host: { help: 'serve switches and the API', load: () => import('./vnet/host-command.ts') },
  dev: {
    help: 'the same, and swap functions as their files change',
    load: () => import('./vnet/dev-command.ts'),
  },
  bridge: {
    help: 'make an Open vSwitch bridge, secure and with its datapath id pinned',
    load: () => import('./vnet/bridge-command.ts'),
  },
  demo: {
    help: 'a lab of three hypervisors and two tenants, to look around in',
    load: () => import('./vnet/demo/demo-command.ts'),
  },
  completion: {
    help: 'a script for bash or zsh that completes commands and options',
    load: () => import('./vnet/completion-command.ts'),
  },
} as const

const usage = `vnet: a network hypervisor

${Object.entries(commands)
  .map(([name, { help }]) => `  vnet ${name.padEnd(10)} ${help}`)
  .join('\n')}

\`vnet COMMAND --help\` shows the options, \`vnet --version\` the version. The API is used with \`vnctl\`.`

const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name)

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--version' || name === 'version') {
    console.log(`vnet ${project.version}`)
    return 0
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    console.log(usage)
    return name === undefined ? 2 : 0
  }
  // `vnet help host` is `vnet host --help`.
  const [command = '', words] = name === 'help' ? [rest[0], ['--help']] : [name, rest]
  if (!isCommand(command)) {
    console.error(`vnet: unknown command ${command}: expected ${Object.keys(commands).join(', ')}`)
    return 2
  }
  return (await commands[command].load()).run(words)
}

/** What nobody has foreseen is one line; where it happened is for those who ask for it. */
function failed(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error)
  console.error(`vnet: ${text}${error instanceof Error && isDebugging ? `\n${error.stack}` : ''}`)
  if (!isDebugging) console.error('vnet: VNET_LOG=debug shows where')
  return 1
}

const isDebugging = process.env['VNET_LOG'] === 'debug'
process.exit(await main(process.argv.slice(2)).catch(failed))
