import { describe, expect, test } from 'vitest'
import { prebuildPath, prebuildProblem, TARGETS } from '../../scripts/prebuilds.mjs'
import { linkageOf } from './support/elf.ts'

/** A Jetson's. */
const OLDEST_GLIBC = [2, 31]
const C_LIBRARIES = /^(?:libc|libm|libpthread|libdl|librt|ld-linux-(?:x86-64|aarch64))\.so\.\d+$/
const MACHINES: Record<string, string> = { 'linux-x64': 'Advanced Micro Devices X86-64', 'linux-arm64': 'AArch64' }

const problem = prebuildProblem()
if (problem !== undefined) {
  const remedy = `${problem}: run \`npm run prebuild\``
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(remedy)
  console.warn(`SKIPPED: ${remedy}`)
}

describe.skipIf(problem !== undefined).each(Object.keys(TARGETS))('the prebuilt addon for %s', (system) => {
  const linkage = problem === undefined ? linkageOf(prebuildPath(system)) : undefined!

  test('is for that machine', () => expect(linkage.machine).toBe(MACHINES[system]))

  test('needs the C library alone, and no C++ runtime', () => {
    expect(linkage.libraries).toContain('libc.so.6')
    expect(linkage.libraries.filter((name) => !C_LIBRARIES.test(name))).toEqual([])
  })

  test('needs no symbol newer than glibc 2.31', () => {
    expect(linkage.versions.length).toBeGreaterThan(0)
    expect(linkage.versions.filter((version) => !isOldEnough(version))).toEqual([])
  })

  test('leaves nothing undefined but what Node brings', () => {
    expect(linkage.unversioned.filter((name) => !name.startsWith('napi_'))).toEqual([])
    expect(linkage.unversioned.length).toBeGreaterThan(0)
  })

  test('offers its entry points to Node alone', () => {
    expect(linkage.exported.sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1'])
  })
})

function isOldEnough(version: string): boolean {
  const [, major, minor] = /^GLIBC_(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined) return false
  const [oldestMajor, oldestMinor] = OLDEST_GLIBC as [number, number]
  return Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) <= oldestMinor)
}
