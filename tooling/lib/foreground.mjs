import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { killTree } from './process-tree.mjs'

const SAME_SIGNAL_MS = 500

/**
 * Runs a command on this terminal and resolves to the exit code to end with.
 *
 * With `ownGroup` the child sits in a process group of its own and gets each signal from here, exactly once: Ctrl-C
 * reaches this process from the terminal and again from npm, so repeats within half a second are one. Without it the
 * terminal's Ctrl-C reaches the child by itself and only SIGTERM and SIGHUP are passed on.
 * A child that runs longer than `timeoutS`, or for `graceS` after a signal, is killed with all that it started.
 */
export function foreground(command, args, { cwd, env = process.env, ownGroup = false, timeoutS, graceS = 15 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit', detached: ownGroup })
    const timers = []
    const later = (delayS, action) => timers.push(setTimeout(action, delayS * 1000))
    const lastSent = new Map()
    const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const onSignal = () => {
        const now = Date.now()
        if (now - (lastSent.get(signal) ?? 0) < SAME_SIGNAL_MS) return
        lastSent.set(signal, now)
        if (ownGroup || signal !== 'SIGINT') child.kill(signal)
        later(graceS, () => killTree(child.pid))
      }
      process.on(signal, onSignal)
      return [signal, onSignal]
    })
    const cleanUp = () => {
      for (const timer of timers) clearTimeout(timer)
      for (const [signal, handler] of handlers) process.off(signal, handler)
    }
    if (timeoutS !== undefined) {
      later(timeoutS, () => {
        process.stderr.write(`\n✗ ${command} did not end within ${timeoutS} s and is killed\n`)
        killTree(child.pid)
      })
    }
    child.on('error', (error) => {
      cleanUp()
      reject(error)
    })
    child.on('exit', (code, signal) => {
      cleanUp()
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}
