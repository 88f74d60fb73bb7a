import { describe, expect, it } from 'vitest'
import { openScreen } from '../src/view/screen.ts'
import { renderTable } from '../src/view/table.ts'
import { msPair, seconds } from '../src/view/units.ts'

function fakeOutput(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) > 0 }
}

describe('the table', () => {
  it('makes each column as wide as its widest cell', () => {
    const table = renderTable([{ title: 'topic', align: 'left' }, { title: 'rate' }], [['joint_states', '500.0 Hz']])
    expect(table).toEqual(['topic             rate', '────────────  ────────', 'joint_states  500.0 Hz'])
  })

  it('shows three digits, and a dash for nothing', () => {
    expect(msPair(undefined, undefined)).toBe('–')
    expect(msPair(1.234, 567.8)).toBe('1.23 / 568 ms')
    expect(seconds(1.234)).toBe('1.23 s')
  })
})

describe('the screen', () => {
  it('draws over its last block on a terminal, and cuts lines that would wrap', () => {
    const output = fakeOutput(true, 10)
    const screen = openScreen(output as never)
    screen.show(['one', 'a line that is too long'])
    screen.show(['two'])
    screen.close()
    expect(output.written).toEqual([
      '\x1b[?25l',
      'one\na line th\n',
      '\x1b[2A\x1b[0J',
      'two\n',
      '\x1b[1A\x1b[0J',
      '\x1b[?25h',
    ])
  })

  it('prints a plain block every three seconds elsewhere', () => {
    const output = fakeOutput(false)
    let nowS = 0
    const screen = openScreen(output as never, () => nowS)
    for (; nowS < 7; nowS += 0.25) screen.show([`at ${nowS}`])
    screen.close()
    expect(output.written).toEqual(['at 3\n\n', 'at 6\n\n'])
  })
})
