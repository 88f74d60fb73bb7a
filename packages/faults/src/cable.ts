import { Namespace } from './namespace.ts'
import { run } from './run.ts'

export interface CableOptions {
  /** In each direction. @default Infinity */
  readonly bytesPerSecond?: number
  /** Seconds that bytes may wait in front of the cable; what comes then is dropped, as routers do. @default 0.05 */
  readonly queueS?: number
}

export interface CableEnd {
  readonly address: string
  /** The command that runs another one at this end, such as `['nsenter', …]`. */
  readonly enter: readonly string[]
}

/** What passes at once, however slow the cable is: two of the largest pieces that Linux hands to a device. */
const BURST_BYTES = 128 * 1024
const DEVICE = 'cable'

/**
 * A cable between two networks that have nothing else: programs at its ends meet the real TCP of the system, which a
 * proxy hides. Linux only, with `ip` and `tc`; as root, or where user namespaces are allowed. The networks have no
 * names and last no longer than this process and those in them.
 */
export class Cable {
  readonly server: CableEnd
  readonly client: CableEnd
  readonly #server: Namespace
  readonly #client: Namespace

  /** @throws Error that says what the system lacks */
  static async open({ bytesPerSecond = Number.POSITIVE_INFINITY, queueS = 0.05 }: CableOptions = {}): Promise<Cable> {
    const server = await Namespace.open()
    const client = await Namespace.open(server)
    const cable = new Cable(server, client)
    try {
      const { enter } = server
      await run([
        ...enter,
        'ip',
        'link',
        'add',
        DEVICE,
        'type',
        'veth',
        'peer',
        'name',
        DEVICE,
        'netns',
        `${client.pid}`,
      ])
      for (const end of [cable.server, cable.client]) {
        await run([...end.enter, 'ip', 'address', 'add', `${end.address}/24`, 'dev', DEVICE])
        await run([...end.enter, 'ip', 'link', 'set', DEVICE, 'up'])
        if (bytesPerSecond !== Number.POSITIVE_INFINITY) await run([...end.enter, ...shaping(bytesPerSecond, queueS)])
      }
      return cable
    } catch (error) {
      await cable.close()
      throw error
    }
  }

  private constructor(server: Namespace, client: Namespace) {
    this.#server = server
    this.#client = client
    this.server = { address: '10.0.0.1', enter: server.enter }
    this.client = { address: '10.0.0.2', enter: client.enter }
  }

  /** Pulls the cable out: packets are gone, and nobody is told. */
  async pull(): Promise<void> {
    await run([...this.server.enter, 'ip', 'link', 'set', DEVICE, 'down'])
  }

  async plug(): Promise<void> {
    await run([...this.server.enter, 'ip', 'link', 'set', DEVICE, 'up'])
  }

  async close(): Promise<void> {
    await Promise.all([this.#server.close(), this.#client.close()])
  }
}

/** What is missing for a cable, and what to do about it; undefined where there can be one. */
export async function whyNoCable(): Promise<string | undefined> {
  try {
    const cable = await Cable.open({ bytesPerSecond: 1e6 })
    await cable.close()
    return undefined
  } catch (error) {
    return `No cable between network namespaces (${(error as Error).message}). It takes Linux, \`apt-get install iproute2\`, and root or user namespaces (\`sysctl kernel.unprivileged_userns_clone=1\`).`
  }
}

function shaping(bytesPerSecond: number, queueS: number): string[] {
  const queue = ['latency', `${Math.round(queueS * 1000)}ms`]
  const rate = ['rate', `${Math.round(bytesPerSecond * 8)}bit`, 'burst', `${BURST_BYTES}`]
  return ['tc', 'qdisc', 'add', 'dev', DEVICE, 'root', 'tbf', ...rate, ...queue]
}
