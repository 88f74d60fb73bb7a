import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { capture } from '../lib/capture.mjs'

const foreground = JSON.stringify(new URL('../lib/foreground.mjs', import.meta.url).href)

/** A script that runs `child`, a node program, through `foreground` and ends with its code. */
function runner(child, options = {}) {
  return `import { foreground } from ${foreground}
    process.exit(await foreground(process.execPath, ['--eval', ${JSON.stringify(child)}], ${JSON.stringify(options)}))`
}

function node(source) {
  return ['--input-type=module', '--eval', source]
}

describe('foreground', () => {
  test('ends with the exit code of the program', async () => {
    expect((await capture(process.execPath, node(runner('process.exit(7)')))).code).toBe(7)
  })

  test('turns a death by a signal into the code that shells use', async () => {
    expect((await capture(process.execPath, node(runner("process.kill(process.pid, 'SIGKILL')")))).code).toBe(137)
  })

  test.each(['SIGINT', 'SIGTERM'])('passes %s on once, and waits for the program to leave', async (signal) => {
    const child = `process.on('${signal}', () => { console.log('got ${signal}'); setTimeout(() => process.exit(3), 300) })
      setTimeout(() => {}, 20000); console.log('ready')`
    const parent = spawn(process.execPath, node(runner(child, { ownGroup: true })))
    let output = ''
    const exited = new Promise((resolve) => parent.on('close', resolve))
    await new Promise((resolve) => {
      parent.stdout.on('data', (chunk) => {
        output += chunk
        if (output.includes('ready')) resolve()
      })
    })
    // As a terminal and npm do it: both, a moment apart.
    parent.kill(signal)
    await sleep(30)
    parent.kill(signal)
    expect(await exited).toBe(3)
    expect(output.match(/got/g)).toHaveLength(1)
  })

  test('kills a program that runs too long, with all that it started', async () => {
    const child = `const { spawn } = require('node:child_process')
      console.log('grandchild', spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }).pid); for (;;);`
    const { code, output } = await capture(process.execPath, node(runner(child, { timeoutS: 5 })))
    expect(code).toBe(137)
    expect(output).toContain('did not end within 5 s')
    const grandchild = Number(output.match(/grandchild (\d+)/)[1])
    await expect.poll(() => isRunning(grandchild), { timeout: 5000 }).toBe(false)
  })
})

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
