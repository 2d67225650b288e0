/** `vnet dev`: `vnet host` that swaps functions as their files change, while packets flow. */
import { run as runHost } from './host-command.ts'

export const run = (argv: string[]) => runHost(argv, true)
