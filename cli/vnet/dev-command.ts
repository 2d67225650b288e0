/** `vnet dev`: `vnet host` that swaps functions as their files change, while packets flow. */
import { runAs } from './host-command.ts'

export const run = (argv: string[]) =>
  runAs(
    {
      name: 'vnet dev',
      does: 'like `vnet host`, and swap functions as their files change, while packets flow',
      watch: true,
    },
    argv,
  )
