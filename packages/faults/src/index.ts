export { Cable, type CableEnd, type CableOptions, whyNoCable } from './cable.ts'
export { FaultProxy, type Faults } from './fault-proxy.ts'
