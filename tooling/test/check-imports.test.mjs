import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkImports } from '../check-imports.mjs'

let base

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'rmq-imports-'))
  manifest('packages/core', '@rmq/core', { exports: { '.': './dist/index.js', './thread': './dist/thread/index.js' } })
  manifest('packages/serde', '@rmq/serde')
  manifest('packages/zmq', '@rmq/zmq', { dependencies: { '@rmq/core': 'workspace:^', zeromq: '6' } })
  manifest('packages/robotmq', 'robotmq', { dependencies: { '@rmq/core': 'workspace:^', '@rmq/zmq': 'workspace:^' } })
  manifest('packages/policy', '@rmq/policy', { dependencies: { robotmq: 'workspace:^' } })
  manifest('apps/kit', 'kit', { private: true, exports: { './data/*': './data/*' } })
  manifest('apps/camera', 'camera', { private: true, dependencies: { robotmq: 'workspace:^', kit: 'workspace:^' } })
})

afterEach(() => rmSync(base, { recursive: true, force: true }))

function manifest(folder, name, rest = {}) {
  file(`${folder}/package.json`, JSON.stringify({ name, exports: { '.': './dist/index.js' }, ...rest }))
}

function file(name, text) {
  mkdirSync(path.join(base, path.dirname(name)), { recursive: true })
  writeFileSync(path.join(base, name), text)
}

describe('what is allowed', () => {
  test.each([
    [
      'packages/zmq/src/a.ts',
      "import type { Topic } from '@rmq/core'\nimport * as zmq from 'zeromq'\nimport 'node:fs'",
    ],
    ['packages/zmq/test/a.test.ts', "import { a } from '../src/a.ts'\nimport { test } from 'vitest'"],
    ['packages/robotmq/src/index.ts', "export { zmq } from '@rmq/zmq'\nexport * from '@rmq/core/thread'"],
    ['packages/robotmq/src/a.ts', "new Worker(new URL('./worker.js', import.meta.url))"],
    ['packages/robotmq/test/readme.test.ts', "new URL('../../../README.md', import.meta.url)"],
    ['packages/policy/src/a.ts', "import { RMQServer } from 'robotmq'"],
    ['packages/core/src/thread/index.ts', "import { Worker } from 'node:worker_threads'\nprocess.exit()"],
    ['apps/camera/src/main.ts', "import { RMQServer } from 'robotmq'"],
    ['apps/camera/src/main.ts', "import.meta.resolve('kit/data/a.json')"],
  ])('%s', (name, text) => {
    file(name, text)
    expect(checkImports(base)).toEqual([])
  })
})

describe('what is not', () => {
  test.each([
    ['packages/core/src/a.ts', "import { x } from '@rmq/serde'", 'arrows'],
    ['packages/serde/src/a.ts', "import { x } from '@rmq/core'", 'arrows'],
    ['packages/policy/src/a.ts', "import { x } from '@rmq/zmq'", 'arrows'],
    ['packages/robotmq/src/a.ts', "import { x } from '@rmq/policy'", 'arrows'],
    [
      'packages/zmq/src/a.ts',
      "import {\n  x,\n} from '@rmq/serde'",
      'packages/zmq/src/a.ts:3: imports @rmq/serde: against',
    ],
    ['packages/zmq/src/a.ts', "type X = import('robotmq').X", 'arrows'],
    ['packages/zmq/src/a.ts', "export * from '@rmq/core/dist/topic.js'", 'public entries'],
    ['packages/zmq/src/a.ts', "import { x } from '../../core/src/topic.ts'", 'out of the package'],
    [
      'packages/zmq/src/a.ts',
      "new Worker(new URL('../../core/dist/worker.js', import.meta.url))",
      'out of the package',
    ],
    ['packages/zmq/src/a.ts', "import ws from 'ws'", 'dependencies'],
    ['packages/robotmq/src/a.ts', "import { x } from '@rmq/serde'", 'dependencies'],
    ['packages/robotmq/src/a.ts', "import { x } from 'kit'", 'arrows'],
    ['apps/camera/src/main.ts', "import { x } from 'kit'", 'public entries'],
    ['apps/camera/src/main.ts', "await import('@rmq/core')", 'dependencies'],
    ['apps/camera/src/main.ts', "import '../../policy/src/a.ts'", 'out of the package'],
  ])('%s: %s', (name, text, problem) => {
    file(name, text)
    const problems = checkImports(base)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  test('a dependency in the manifest alone', () => {
    manifest('packages/web', '@rmq/web', { dependencies: { '@rmq/zmq': 'workspace:^' } })
    expect(checkImports(base)).toEqual(['packages/web/package.json: depends on @rmq/zmq, against the import arrows'])
  })
})

describe('what has to run in browsers', () => {
  test.each([
    ["import { readFile } from 'node:fs'", 'imports node:fs'],
    ["import { readFile } from 'fs'", 'imports fs'],
    ['Buffer.from(data)', 'uses Buffer'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under test holds the template
    ['const level = `${process.env.LEVEL}`', 'uses process'],
  ])('%s', (text, problem) => {
    file('packages/core/src/index.ts', "export * from './a.ts'")
    file('packages/core/src/a.ts', text)
    file('packages/serde/src/b.ts', text)
    const problems = checkImports(base)
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain(`packages/core/src/a.ts:1: ${problem}`)
    expect(problems[1]).toContain(`packages/serde/src/b.ts:1: ${problem}`)
  })

  test.each([
    "// Buffer is left alone, and 'node:fs' too",
    '/* process.env */ const text = "import x from \'node:fs\'; process.exit()"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under test holds the template
    'const text = `process ${name} from "node:fs"`',
    "const wait = typeof process === 'undefined' ? 0 : globalThis.process.uptime()",
    "const pattern = /[/'] process/; const half = a / b / c",
    "interface Options { process?: string }\nitem.process('node:fs')",
  ])('but not: %s', (text) => {
    file('packages/serde/src/b.ts', text)
    expect(checkImports(base)).toEqual([])
  })
})
