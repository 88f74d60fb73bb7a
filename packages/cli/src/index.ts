export { ExitCode } from './exit-codes.ts'
export { run } from './run.ts'
export { runProcess } from './run-process.ts'
