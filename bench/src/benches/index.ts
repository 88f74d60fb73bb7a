import type { Bench } from '../bench.ts'
import { busyServerBench } from './busy-server.ts'
import { clientPutBenches } from './client-put.ts'
import { codecBenches } from './codec.ts'
import { networkBenches } from './network/index.ts'
import { peekBenches } from './peek.ts'
import { pendingRequestBench, pendingRequestIdleBench } from './pending-request.ts'
import { policyBenches } from './policy.ts'
import { queueBenches } from './queue/index.ts'
import { requestBench } from './request.ts'
import { serverPutBench, serverPutCopyBench } from './server-put.ts'
import { sharedMemoryBenches } from './shared-memory/index.ts'

/** All benches, in the order of the table. */
export const benches: readonly Bench[] = [
  ...peekBenches,
  ...clientPutBenches,
  serverPutBench,
  serverPutCopyBench,
  requestBench,
  ...codecBenches,
  ...policyBenches,
  busyServerBench,
  pendingRequestBench,
  pendingRequestIdleBench,
  ...networkBenches,
  ...sharedMemoryBenches,
  ...queueBenches,
]
