import { endpointFindings } from './endpoint-findings.ts'
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'
import { folderFindings } from './folder-findings.ts'
import { kernelFindings } from './kernel-findings.ts'
import { leftoverFindings } from './leftover-findings.ts'
import { limitFindings } from './limit-findings.ts'
import { runtimeFindings } from './runtime-findings.ts'
import { sharingFindings } from './sharing-findings.ts'
import { spaceFindings } from './space-findings.ts'

const CHECKS = [
  runtimeFindings,
  folderFindings,
  spaceFindings,
  leftoverFindings,
  sharingFindings,
  limitFindings,
  kernelFindings,
  endpointFindings,
]

/** What the facts mean. */
export function diagnose(facts: Facts): Finding[] {
  return CHECKS.flatMap((check) => check(facts))
}
