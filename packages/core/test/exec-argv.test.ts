import { expect, test } from 'vitest'
import { fileExecArgv } from '../src/thread/file-exec-argv.ts'

test('the thread runs a file, wherever the main program’s text came from', () => {
  expect(fileExecArgv(['--input-type=module', '--enable-source-maps', '-e', 'text', '--import', 'tsx'])).toEqual([
    '--enable-source-maps',
    '--import',
    'tsx',
  ])
})
