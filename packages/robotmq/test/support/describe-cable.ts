import { Cable, type CableOptions, whyNoCable } from '@rmq/faults'
import { describe, onTestFinished } from 'vitest'

const missing = await whyNoCable()

/** A suite over cables between networks; without them a skip that says why, or a failure where nothing may be skipped. */
export function describeCable(name: string, suite: () => void): void {
  if (missing !== undefined && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(missing)
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (skipped: ${missing})`, suite)
}

/** A cable of its own for a test. */
export async function openCable(options: CableOptions = {}): Promise<Cable> {
  const cable = await Cable.open(options)
  onTestFinished(() => cable.close())
  return cable
}
