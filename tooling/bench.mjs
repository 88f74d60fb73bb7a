import { runProgram } from './lib/program.mjs'

await runProgram('bench/dist/main.js')
