import { expect, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

// A message thread that is torn down while its sockets wait aborts the process: code 134 instead of its own.
const ways = [
  ['close', 0, null],
  ['exit', 3, null],
  ['busy', 3, null],
  ['throw', 1, null],
  ['reject', 1, null],
  ['SIGINT', null, 'SIGINT'],
  ['SIGTERM', null, 'SIGTERM'],
  ['SIGKILL', null, 'SIGKILL'],
] as const

for (const where of ['main thread', 'worker', 'main thread beside a worker']) {
  test.each(ways)(`a program that ends by %s in its ${where} ends as any program does`, async (how, code, signal) => {
    const endpoints = [await freshEndpoint('ipc'), await freshEndpoint('tcp')]
    const program = new Child('exit.mjs', [how, where, ...endpoints])
    await program.line('alive')
    expect(await program.exited, program.errorText).toEqual({ code, signal })
  })
}
