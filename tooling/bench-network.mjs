import { runProgram } from './lib/program.mjs'

await runProgram('bench/dist/network.js')
