import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RMQClient, RMQLogLevel, RmqError, robotmqCodec } from 'robotmq'
import { abortable } from '../abortable.ts'
import { parseErrorText } from '../error-text.ts'
import { isRecord } from '../is-record.ts'
import { metadataTopic } from '../metadata-topic.ts'
import type { Actions, Observation } from '../policy-handler.ts'
import { RESET_REQUEST } from '../reset-request.ts'
import type { LinkOptions, PolicyLink } from './policy-link.ts'
import { toActions } from './to-actions.ts'

const LOOK_AGAIN_MS = 20

/** Reaches any robotmq server that answers requests on a topic; this package's gateway also tells metadata. */
export async function openRobotmqLink(endpoint: string, { topic, signal }: LinkOptions): Promise<PolicyLink> {
  // A name of its own: the gateway tells clients apart by it.
  const name = `policy client ${randomUUID()}`
  const options = { signal, timeoutS: Number.POSITIVE_INFINITY, logLevel: RMQLogLevel.ERROR }
  const client = await RMQClient.connect(name, endpoint, options)
  try {
    while ((await abortable(client.getTopicStatus(topic), signal)) < 0)
      await sleep(LOOK_AGAIN_MS, undefined, { signal })
    return new RobotmqLink(client, topic, await readMetadata(client, topic, signal))
  } catch (error) {
    await client.close()
    throw signal.aborted ? signal.reason : error
  }
}

async function readMetadata(client: RMQClient, topic: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  try {
    const [newest] = await client.peekData(metadataTopic(topic), -1, { signal })
    const metadata = newest === undefined ? {} : robotmqCodec.decode(newest.data)
    return isRecord(metadata) ? metadata : {}
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'TOPIC_NOT_FOUND') return {}
    throw error
  }
}

class RobotmqLink implements PolicyLink {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly #client: RMQClient
  readonly #topic: string

  constructor(client: RMQClient, topic: string, metadata: Readonly<Record<string, unknown>>) {
    this.#client = client
    this.#topic = topic
    this.metadata = metadata
  }

  async infer(observation: Observation, signal: AbortSignal): Promise<Actions> {
    return toActions(await this.#request(observation, signal))
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#request(RESET_REQUEST, signal)
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #request(value: unknown, signal: AbortSignal): Promise<unknown> {
    let reply: Uint8Array
    try {
      reply = await this.#client.requestWithData(this.#topic, robotmqCodec.encode(value), { signal })
    } catch (error) {
      throw RmqError.isInstance(error) && error.code === 'REQUEST_FAILED' ? parseErrorText(error.message) : error
    }
    return robotmqCodec.decode(reply)
  }
}
