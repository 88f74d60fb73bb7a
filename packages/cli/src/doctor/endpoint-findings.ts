import { counted } from '../counted.ts'
import type { EndpointFacts, EndpointTopic, Facts } from './facts.ts'
import { type Finding, ok, problem, warn } from './finding.ts'

/** The server that was named, and how its topics are reached. */
export function endpointFindings({ endpoint }: Facts): Finding[] {
  if (endpoint === undefined) return []
  const { failure, topics } = endpoint
  if (failure !== undefined) {
    const remedy = `Start it (\`rmq serve --endpoint ${endpoint.endpoint}\`), or look at its log.`
    return [problem('endpoint', `${endpoint.endpoint}: ${failure}`, remedy)]
  }
  return [answerFinding(endpoint), ...(topics ?? []).filter(({ kind }) => kind !== 'heap').map(topicFinding)]
}

function answerFinding({ endpoint, original, topics = [] }: EndpointFacts): Finding {
  if (original) return ok('endpoint', `${endpoint}: an original Python server answers; it does not tell of its topics`)
  return ok('endpoint', `${endpoint}: a server answers, with ${counted(topics.length, 'topic')}`)
}

function topicFinding({ topic, access, reason = 'it is not told why' }: EndpointTopic): Finding {
  if (access === 'attached') return ok('attached', `topic "${topic}" is read in shared memory`)
  // Why, and what to do about it, is one text of the library's.
  return warn('attached', `topic "${topic}" is in shared memory, and read over the connection`, reason)
}
