/** @module `vnctl ofp`: OpenFlow messages to JSON and back. */
export { run } from './command.ts'
export type { OfpIo } from './io.ts'
