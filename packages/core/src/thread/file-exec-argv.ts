/** Node's own options for a thread that runs a file: without those that say where the main program's text comes from. */
export function fileExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < execArgv.length; index++) {
    const option = execArgv[index] as string
    if (option.startsWith('--input-type')) continue
    // The next one is the program's text.
    if (/^(-e|--eval|-p|-pe|--print)$/.test(option)) index += 1
    else kept.push(option)
  }
  return kept
}
