export { HORIZON, inferActions } from './drift/infer-actions.ts'
export { type Observation, parseObservation } from './drift/observation.ts'
