// First half of the build: the addon, where it can run. What cannot be compiled is told loudly and stops nobody: the
// TypeScript builds, and at run time topics in shared memory say that their addon is missing.
import { compileAddon, isSupported } from './compile-addon.mjs'

const failure = isSupported ? compileAddon() : undefined
if (failure !== undefined) {
  process.stderr.write(
    `${failure.output}\n!!! @rmq/shm is built WITHOUT its native addon: ${failure.reason}. ` +
      'Install g++, cmake and make (Debian, Ubuntu: apt-get install g++ cmake make) and build again.\n',
  )
  // A compiler that refuses our sources is a bug to stop at; a machine without one is not.
  if (failure.output !== '') process.exitCode = 1
}
