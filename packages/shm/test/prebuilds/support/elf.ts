import { execFileSync } from 'node:child_process'

/** What a shared object asks of the system that loads it, and what it offers. */
export interface Linkage {
  readonly machine: string
  readonly libraries: string[]
  /** `GLIBC_2.17` and the like. */
  readonly versions: string[]
  /** Undefined symbols without a version: others must bring them. */
  readonly unversioned: string[]
  readonly exported: string[]
}

/** By binutils' readelf, which reads the binaries of any machine. */
export function linkageOf(file: string): Linkage {
  const read = (...flags: string[]) => execFileSync('readelf', [...flags, '--wide', file], { encoding: 'utf8' })
  const symbols = [...read('--dyn-syms').matchAll(/^ *\d+: .* (GLOBAL|WEAK) +\w+ +(\w+) (\S+)/gm)]
  const undefinedOnes = symbols.filter(([, , section]) => section === 'UND').map(([, , , name]) => name!)
  return {
    machine: /Machine: +(.+)/.exec(read('--file-header'))![1]!,
    libraries: [...read('--dynamic').matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name!),
    versions: [...new Set(undefinedOnes.flatMap((name) => /@(.+)/.exec(name)?.[1] ?? []))],
    unversioned: undefinedOnes.filter((name) => !name.includes('@')),
    exported: symbols.filter(([, , section]) => section !== 'UND').map(([, , , name]) => name!),
  }
}
