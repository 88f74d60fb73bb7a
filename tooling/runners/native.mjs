import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { step } from '../lib/progress.mjs'
import { emptyResults } from '../lib/results.mjs'
import { root } from '../lib/root.mjs'

const SCRIPT = path.join(root, 'packages/shm/native/test.sh')
const GOOGLETEST = '/usr/include/gtest/gtest.h'
const REMEDY =
  'apt-get install libgtest-dev googletest clang-14 libclang-rt-14-dev g++-aarch64-linux-gnu qemu-user-static'

/** Builds and runs the native ring's own tests, which need no Node. */
export async function runNative() {
  if (process.platform !== 'linux' || !existsSync(GOOGLETEST)) {
    return { ...emptyResults(), skipped: [{ name: 'the native ring', detail: `needs GoogleTest on Linux: ${REMEDY}` }] }
  }
  step('testing the native ring')
  const lines = await linesOf(spawn(SCRIPT, { stdio: ['ignore', 'pipe', 'inherit'] }))
  const said = (word) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length))
  const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(lines.at(-1) ?? '')
  const failed = said('failed: ').map((name) => ({ name: `native ring › ${name}` }))
  if (counts === null) failed.push({ name: 'the native ring', detail: 'its tests ended without counts' })
  return {
    passed: Number(counts?.[1] ?? 0),
    failed,
    skipped: said('skipped: ').map((name) => ({ name: `native ring › ${name}`, detail: REMEDY })),
  }
}

/** What a program prints on stdout, shown as it comes. */
function linesOf(child) {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      text += chunk
    })
    child.once('error', reject)
    child.once('close', () => resolve(text.trimEnd().split('\n')))
  })
}
