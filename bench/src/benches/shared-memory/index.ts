import type { Bench } from '../../bench.ts'
import { iceoryx2Benches } from './iceoryx2.ts'
import { idleBench } from './idle.ts'
import { latencyBenches } from './latency.ts'
import { loadBench } from './load.ts'
import { loanBenches } from './loan.ts'
import { sharedPeekBenches } from './peek.ts'
import { sharedPutBenches } from './put.ts'
import { viewBenches } from './view.ts'

export const sharedMemoryBenches: readonly Bench[] = [
  ...sharedPutBenches,
  ...loanBenches,
  ...sharedPeekBenches,
  ...viewBenches,
  ...latencyBenches,
  ...iceoryx2Benches,
  loadBench,
  idleBench,
]
