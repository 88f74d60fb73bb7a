export { ActionChunk, timedActions } from './action-chunk.ts'
export type { GrootFrontOptions } from './fronts/groot-front.ts'
export type { OpenpiFrontOptions } from './fronts/openpi-front.ts'
export type { RobotmqFrontOptions } from './fronts/robotmq-front.ts'
export { type GatewayCloseOptions, type GatewayHealth, PolicyGateway } from './gateway.ts'
export type { GatewayOptions, PolicyReset } from './gateway-options.ts'
export type { InferenceCounts } from './inference-queue.ts'
export { type PolicyCallOptions, PolicyClient, type PolicyClientOptions } from './policy-client.ts'
export {
  type Actions,
  type BatchedPolicy,
  type BatchHandler,
  type BatchOptions,
  batched,
  type FrontName,
  type Observation,
  type PolicyContext,
  type PolicyHandler,
} from './policy-handler.ts'
