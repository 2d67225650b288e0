/** For tests that have a libSQL server of their own, whatever database the suite runs on. */
import { describe } from 'bun:test'

/** `describe`, left out in the suite's run on files: the run on a server has it. */
export const describeWithServer = describe.skipIf(process.env['VNET_TEST_DB'] === 'file')
