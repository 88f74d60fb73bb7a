import { runProcess } from './run-process.ts'

// Not awaited here: the process ends with the exit code once the command is done.
void runProcess(process.argv.slice(2))
