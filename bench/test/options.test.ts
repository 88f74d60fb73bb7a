import { describe, expect, it } from 'vitest'
import { parseOptions } from '../src/options.ts'
import { Problem } from '../src/problem.ts'
import { parseSoakOptions } from '../src/soak/options.ts'

describe('options', () => {
  it('of a run', () => {
    expect(parseOptions(['--quick', '--json', 'f.json', '--only', 'peek', '--only', 'put'])).toEqual({
      quick: true,
      json: 'f.json',
      only: ['peek', 'put'],
      list: false,
      help: false,
    })
    expect(() => parseOptions(['--fast'])).toThrow(Problem)
  })

  it('of a soak', () => {
    expect(parseSoakOptions([])).toEqual({ gigabytes: 400, seconds: Number.POSITIVE_INFINITY, help: false })
    expect(parseSoakOptions(['--seconds', '5']).seconds).toBe(5)
    expect(() => parseSoakOptions(['--gigabytes', 'many'])).toThrow(Problem)
  })
})
