/** Frames that can be told apart wherever they turn up, encapsulated or not: each carries a mark of its own. */
import { arriving, type Place, sendFrames } from './wire.ts'

const markDigits = 4
/** "mark" as bytes. */
const prefix = '6d61726b'
/** Who gets a datagram that nobody listens for sends it back in an ICMP error: that is no arrival. */
const noAnswers = 'not (icmp and icmp[icmptype] == icmp-unreach)'
const markOf = (n: number) => prefix + n.toString(16).padStart(markDigits, '0')

/** Builds a frame around bytes that it is known by. Within its lengths: bridges may cut off what is behind. */
export type Marked = (mark: string) => string

/** Sends frames, each under a name and from a place, one after the other, and tells where each arrived. */
export async function whereEachArrives<N extends string>(
  places: readonly Place[],
  frames: Readonly<Record<N, readonly [from: Place, frame: Marked]>>,
): Promise<Record<N, string[]>> {
  const names = Object.keys(frames) as N[]
  const batches: { readonly from: Place; readonly marked: string[] }[] = []
  for (const [n, name] of names.entries()) {
    const [from, frame] = frames[name]
    const last = batches.at(-1)
    if (last?.from === from) last.marked.push(frame(markOf(n)))
    else batches.push({ from, marked: [frame(markOf(n))] })
  }
  const seen = await arriving(places, noAnswers, async () => {
    for (const { from, marked } of batches) await sendFrames(from, marked)
  })
  return Object.fromEntries(
    names.map((name, n) => {
      const mark = markOf(n)
      const arrivals = Object.entries(seen).flatMap(([place, all]) =>
        all.filter((frame) => frame.includes(mark)).map(() => place),
      )
      return [name, arrivals]
    }),
  ) as Record<N, string[]>
}

/**
 * Sends frames, each under a name, and tells where each arrived: `{ name: ['red2', 'red2'] }` for one that red2 got
 * twice. A name without an arrival has an empty list.
 */
export const whereTheyArrive = <N extends string>(
  from: Place,
  places: readonly Place[],
  frames: Readonly<Record<N, Marked>>,
): Promise<Record<N, string[]>> =>
  whereEachArrives(
    places,
    Object.fromEntries(Object.entries<Marked>(frames).map(([name, frame]) => [name, [from, frame]])) as never,
  )

/** What `whereTheyArrive` gives when nothing arrives anywhere. */
export const nowhere = <N extends string>(frames: Readonly<Record<N, unknown>>): Record<N, string[]> =>
  Object.fromEntries(Object.keys(frames).map((name) => [name, []])) as never
