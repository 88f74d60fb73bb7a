const PLAIN_INTERVAL_S = 3

/** Shows one block of lines that changes with time. */
export interface Screen {
  show(lines: readonly string[]): void
  /** Removes the block, where that can be done, to make room for lines that stay. */
  clear(): void
  close(): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** On a terminal the block changes in place; elsewhere it is printed anew every three seconds. */
export function openScreen(
  output: Output = process.stdout,
  nowS: () => number = () => performance.now() / 1000,
): Screen {
  return output.isTTY ? inPlace(output) : plain(output, nowS)
}

function inPlace(output: Output): Screen {
  const showCursor = () => output.write('\x1b[?25h')
  let drawn = 0
  const clear = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  output.write('\x1b[?25l')
  process.on('exit', showCursor)
  return {
    show(lines) {
      // A line that wraps would count as two, and the block would wander.
      const fitting = lines.map((line) => line.slice(0, (output.columns || 80) - 1))
      clear()
      output.write(`${fitting.join('\n')}\n`)
      drawn = lines.length
    },
    clear,
    close() {
      clear()
      showCursor()
      process.off('exit', showCursor)
    },
  }
}

function plain(output: Output, nowS: () => number): Screen {
  let shownS = nowS()
  return {
    show(lines) {
      if (nowS() - shownS < PLAIN_INTERVAL_S) return
      shownS = nowS()
      output.write(`${lines.join('\n')}\n\n`)
    },
    clear() {},
    close() {},
  }
}
