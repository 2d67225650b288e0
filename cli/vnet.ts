/** `vnet`: the host and what goes with it. */

const commands = {
  host: { help: 'serve switches and the API', load: () => import('./vnet/host-command.ts') },
  dev: {
    help: 'the same, and swap functions as their files change',
    load: () => import('./vnet/dev-command.ts'),
  },
  demo: {
    help: 'a lab of three hypervisors and two tenants, to look around in',
    load: () => import('./vnet/demo/demo-command.ts'),
  },
} as const

const usage = `vnet: a network hypervisor

${Object.entries(commands)
  .map(([name, { help }]) => `  vnet ${name.padEnd(6)} ${help}`)
  .join('\n')}

\`vnet COMMAND --help\` shows the options. The API is used with \`vnctl\`.`

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(usage)
    return name === undefined ? 2 : 0
  }
  if (!Object.hasOwn(commands, name)) {
    console.error(`vnet: unknown command ${name}: expected ${Object.keys(commands).join(', ')}`)
    return 2
  }
  const { run } = await commands[name as keyof typeof commands].load()
  return run(argv)
}

process.exit(await main(process.argv.slice(2)))

export {}
