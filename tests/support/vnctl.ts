/** vnctl, as people run it, at the host of a lab. */
import { main } from '../../cli/vnctl/main.ts'
import type { Network } from './network.ts'

export async function vnctl({ host }: Pick<Network, 'host'>, ...words: string[]) {
  let text = ''
  let error = ''
  const streams = {
    out: (more: string) => void (text += more),
    error: (more: string) => void (error += more),
  }
  const code = await main([...words, '--api', host.apiUrl], {}, false, streams)
  return { code, text, error }
}
