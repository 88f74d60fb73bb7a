// First half of the build: the addon, on the systems that it is for. Where nothing can compile it, this says so loudly
// and stops nobody: the TypeScript builds, and topics in shared memory say at run time that their addon is missing.
import { compileAddon, isSupported } from './compile-addon.mjs'

const failure = isSupported ? compileAddon() : undefined
if (failure?.output) {
  process.stderr.write(`${failure.output}\n!!! the native addon of @rmq/shm does not compile: ${failure.reason}\n`)
  process.exitCode = 1
} else if (failure !== undefined) {
  process.stderr.write(
    `!!! @rmq/shm is built WITHOUT its native addon: ${failure.reason}. ` +
      'Install g++, cmake and make (Debian, Ubuntu: apt-get install g++ cmake make) and build again.\n',
  )
}
