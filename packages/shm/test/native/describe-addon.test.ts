import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeAddon, loadAddon } from '../../src/native/addon.ts'

test('the addon is described as it was loaded', () => {
  const { path, kind, abi } = describeAddon()
  expect(readFileSync('/proc/self/maps', 'latin1')).toContain(path)
  expect(path).toMatch(
    kind === 'build' ? /\/build\/Release\/rmq_shm\.node$/ : /\/prebuilds\/linux-\w+\/rmq_shm\.glibc\.node$/,
  )
  expect(abi).toBe(loadAddon().abi)
})
