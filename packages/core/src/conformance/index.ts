import { requestCases } from './request-cases.ts'
import { type ConformanceOptions, runCases } from './subject.ts'
import { subscriptionCases } from './subscription-cases.ts'
import { timeCases } from './time-cases.ts'
import { topicCases } from './topic-cases.ts'

export { clientSubject } from './client-subject.ts'
export type { ConformanceOptions, ConformanceSubject, Feature } from './subject.ts'

/** Registers the cases that every home, link and peer must pass. */
export function conformance(options: ConformanceOptions): void {
  runCases([...topicCases, ...requestCases, ...subscriptionCases, ...timeCases], options)
}
