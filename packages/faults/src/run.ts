import { execFile } from 'node:child_process'

/** Runs a system command to its end. @throws Error with what it complained of */
export function run(command: readonly string[]): Promise<void> {
  const [file, ...args] = command
  return new Promise((resolve, reject) => {
    execFile(file!, args, { timeout: 10_000 }, (error, _out, complaint) => {
      if (error === null) resolve()
      else reject(new Error(`${command.join(' ')}: ${complaint.trim() || error.message}`))
    })
  })
}
