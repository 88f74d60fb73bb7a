export { type Observation, parseObservation } from './observation.ts'
export { HORIZON, inferActions } from './policy.ts'
export { servePolicy } from './serve-policy.ts'
