import { once } from 'node:events'
import { positiveInteger, runProgram } from '@rmq/app-kit'

const usage = `usage: brake-main --pid N

Stops a process for as long as this one runs. With --until-stdin-closes it lets go even when the parent process dies.`

await runProgram({
  usage,
  options: { pid: { type: 'string' } },
  async run(values, signal) {
    const pid = positiveInteger('pid', values['pid'])
    process.kill(pid, 'SIGSTOP')
    try {
      process.stdout.write(`stopped ${pid}\n`)
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  },
})
