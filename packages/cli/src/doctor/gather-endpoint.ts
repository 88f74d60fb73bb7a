import { type RMQClient, RmqError } from 'robotmq'
import { type ConnectionOptions, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import type { EndpointFacts, EndpointTopic } from './facts.ts'

/** Whether a server answers there, and how each of its topics is reached from here. */
export async function gatherEndpoint(
  context: Context,
  endpoint: string,
  options: ConnectionOptions,
): Promise<EndpointFacts> {
  try {
    return await withClient(context, endpoint, options, async (client) => ({
      endpoint,
      ...(await askForTopics(client, options)),
    }))
  } catch (error) {
    // An endpoint that nobody could ever listen on is wrong usage.
    if (!RmqError.isInstance(error) || error.code === 'INVALID_ARGUMENT') throw error
    return { endpoint, failure: error.message }
  }
}

async function askForTopics(
  client: RMQClient,
  { timeout }: ConnectionOptions,
): Promise<Pick<EndpointFacts, 'original' | 'topics'>> {
  const call = { timeoutS: timeout, automaticResend: false }
  try {
    const topics: EndpointTopic[] = []
    for (const { topic } of await client.listTopics(call)) {
      const { kind, access, reason } = await client.describe(topic, call)
      topics.push({ topic, kind, access, ...(reason !== undefined && { reason }) })
    }
    return { topics }
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'UNSUPPORTED') return { original: true }
    throw error
  }
}
