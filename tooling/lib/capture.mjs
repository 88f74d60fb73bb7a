import { spawn } from 'node:child_process'

/** Runs a command to its end without a terminal and resolves to its exit code and everything it printed. */
export function capture(command, args, { cwd, env = process.env, timeoutS = 600 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const stdout = []
    const output = []
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutS * 1000)
    const finish = (code, extra = '') => {
      clearTimeout(timer)
      if (late) extra += `\n(killed after ${timeoutS} s)`
      resolve({ code, stdout: Buffer.concat(stdout).toString(), output: Buffer.concat(output).toString() + extra })
    }
    child.stdout.on('data', (chunk) => {
      stdout.push(chunk)
      output.push(chunk)
    })
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => finish(127, `${error.message}\n`))
    child.on('close', (code) => finish(code ?? 1))
  })
}

/** Whether a command can be started at all. */
export async function hasCommand(command, args = ['--version']) {
  return (await capture(command, args, { timeoutS: 30 })).code === 0
}
