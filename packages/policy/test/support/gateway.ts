import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NDArray } from 'robotmq'
import { onTestFinished } from 'vitest'
import {
  type Actions,
  type BatchedPolicy,
  type GatewayOptions,
  type Observation,
  PolicyClient,
  type PolicyClientOptions,
  PolicyGateway,
  type PolicyHandler,
} from '../../src/index.ts'

/** An ipc endpoint in a folder of the test's own. */
export function freshIpc(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rmq-policy-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return `ipc://${join(folder, 'p')}`
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** A gateway of the test's own on all three dialects, or those that are named. */
export async function serve(
  policy: PolicyHandler | BatchedPolicy,
  options: Partial<GatewayOptions> = {},
): Promise<PolicyGateway> {
  const all = 'robotmq' in options || 'openpi' in options || 'groot' in options ? {} : everywhere()
  const gateway = await PolicyGateway.serve(policy, { ...all, ...options })
  onTestFinished(() => gateway.close({ drainS: 0.01 }))
  return gateway
}

function everywhere(): Partial<GatewayOptions> {
  return {
    robotmq: { endpoint: freshIpc() },
    openpi: { port: 0 },
    groot: { endpoint: 'tcp://127.0.0.1:0' },
  }
}

export function urlOf(gateway: PolicyGateway, scheme: 'ipc' | 'openpi' | 'groot'): string {
  return gateway.urls.find((url) => url.startsWith(`${scheme}:`))!
}

/** The port of one of the gateway's urls, as text. */
export function portOf(gateway: PolicyGateway, scheme: 'openpi' | 'groot'): string {
  return urlOf(gateway, scheme).split(':').at(-1)!
}

export async function connect(url: string, options?: PolicyClientOptions): Promise<PolicyClient> {
  const client = await PolicyClient.connect(url, options)
  onTestFinished(() => client.close())
  return client
}

/** Twice the state, and what was seen of the image: what the Python servers answer too. */
export function double(observation: Observation): Actions {
  const { state, image } = observation as { state: NDArray<'float32'>; image?: NDArray<'uint8'> }
  const actions = NDArray.fromData(
    state.toContiguous().data.map((value) => value * 2),
    'float32',
    state.shape,
  )
  const sum = image === undefined ? 0 : image.toContiguous().data.reduce((total, value) => total + value, 0)
  const seen = image === undefined ? '' : `${image.dtype.str} [${image.shape.join(', ')}] ${sum}`
  return { actions, seen, state_dtype: state.dtype.str }
}

export function observation(first: number): { state: NDArray<'float32'>; image: NDArray<'uint8'>; prompt: string } {
  const image = NDArray.fromBytes(
    Uint8Array.from({ length: 24 * 32 * 3 }, (_, at) => (first + at) % 256),
    'uint8',
    [24, 32, 3],
  )
  return { state: NDArray.fromData(Float32Array.of(first, 2, 3), 'float32'), image, prompt: 'pick up the cube' }
}

/** A promise that the test settles. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** Resolves once the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not so within 10 s: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
