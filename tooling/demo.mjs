import { runProgram } from './lib/program.mjs'

await runProgram('apps/demo/dist/main.js')
