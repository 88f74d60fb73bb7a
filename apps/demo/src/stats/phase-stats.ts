import type { Report } from '@rmq/app-kit'
import { PublishStats } from './publish-stats.ts'
import { StreamStats } from './stream-stats.ts'

/** The streams of the demo, as the programs name them in their reports. */
export const STREAMS = ['camera', 'joint_states', 'inference'] as const
export type StreamName = (typeof STREAMS)[number]

export const PRODUCERS = ['camera', 'joint_states'] as const
export type ProducerName = (typeof PRODUCERS)[number]

/** All that was measured in one phase. */
export class PhaseStats {
  readonly streams: Readonly<Record<StreamName, StreamStats>>
  readonly producers: Readonly<Record<ProducerName, PublishStats>>
  /** Resolves when every stream has brought something. */
  readonly flowing: Promise<void>
  #resolveFlowing: () => void = () => {}

  constructor() {
    this.flowing = new Promise((resolve) => {
      this.#resolveFlowing = resolve
    })
    this.streams = { camera: new StreamStats(), joint_states: new StreamStats(), inference: new StreamStats() }
    this.producers = { camera: new PublishStats(), joint_states: new PublishStats() }
  }

  add(report: Report): void {
    if ('stream' in report) this.streams[report.stream as StreamName]?.add(report)
    else if ('published' in report) this.producers[report.published as ProducerName]?.add(report)
    if (STREAMS.every((name) => this.streams[name].records > 0)) this.#resolveFlowing()
  }
}
