import { expect, test } from 'bun:test'
import { threadTimeMs } from './thread-time.ts'

test('grows with work, not with waiting', async () => {
  const began = threadTimeMs()!
  await Bun.sleep(200)
  expect(threadTimeMs()! - began).toBeLessThan(100)
  const before = threadTimeMs()!
  while (threadTimeMs()! - before < 20);
  expect(threadTimeMs()!).toBeGreaterThanOrEqual(before + 20)
})
