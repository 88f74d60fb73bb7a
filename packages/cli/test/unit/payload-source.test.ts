import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { readPayload } from '../../src/payload-source.ts'

test('who ends it before the pipe is open does not wait for its writer', async () => {
  const folder = mkdtempSync(`${tmpdir()}/rmq-payload-`)
  execFileSync('mkfifo', [`${folder}/pipe`])
  const end = new AbortController()
  const payload = readPayload({ file: `${folder}/pipe` }, { signal: end.signal } as Context)
  // The pipe is still being looked at, in another thread.
  const reason = new Error('someone pressed Ctrl-C')
  end.abort(reason)
  await expect(payload).rejects.toBe(reason)
  rmSync(folder, { recursive: true })
})
