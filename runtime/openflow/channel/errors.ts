/** OFPT_ERROR messages that we send, and those that we get as Problems (OpenFlow 1.3.5 section 7.4.4). */
import { describe, type Problem } from '../../problem.ts'
import { messageTypes, putU16, rawMessage, version13, xidAt } from './header.ts'

/** The pairs of type and code that the channel sends. */
export const errorCodes = {
  helloIncompatible: [0, 0],
  helloNotPermitted: [0, 1],
  badVersion: [1, 0],
  badType: [1, 1],
  badLength: [1, 6],
} as const

/** Bytes of the offending message that an error quotes; the specification asks for at least 64. */
const quotedBytesMax = 64
const textBytesMax = 1_024

export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes]

const errorMessage = ([type, code]: ErrorCode, data: Uint8Array, xid: number, version: number) => {
  const body = new Uint8Array(4 + data.length)
  putU16(body, 0, type)
  putU16(body, 2, code)
  body.set(data, 4)
  return rawMessage(messageTypes.error, xid, body, version)
}

/** HELLO_FAILED with the problem as ASCII text, in a version that the switch can read. */
export function helloFailed(code: ErrorCode, problem: Problem, xid = 0, version: number = version13) {
  const text = describe(problem).replace(/[^\x20-\x7e]/g, '?')
  return errorMessage(code, new TextEncoder().encode(text).subarray(0, textBytesMax), xid, version)
}

/** BAD_REQUEST about this message, with its transaction id and its beginning. */
export function badRequest(code: ErrorCode, message: Uint8Array) {
  return errorMessage(code, message.slice(0, quotedBytesMax), xidAt(message, 0), version13)
}
