import type { Report } from '@rmq/app-kit'
import { PublishStats } from './publish-stats.ts'
import { RequestStats } from './request-stats.ts'
import { StreamStats } from './stream-stats.ts'

/** The streams of the demo, as the programs name them in their reports. */
export const STREAMS = ['camera', 'joint_states', 'inference'] as const
export type StreamName = (typeof STREAMS)[number]
export type ProducerName = Exclude<StreamName, 'inference'>

/** All that was measured in one phase. */
export class PhaseStats {
  readonly streams: Readonly<Record<StreamName, StreamStats>> = {
    camera: new StreamStats(),
    joint_states: new StreamStats(),
    inference: new StreamStats(),
  }
  readonly producers: Readonly<Record<ProducerName, PublishStats>> = {
    camera: new PublishStats(),
    joint_states: new PublishStats(),
  }
  readonly requests: RequestStats = new RequestStats()
  /** When the controller had the first frame of each camera, by the camera's process. */
  readonly #met = new Map<number, number>()

  add(report: Report): void {
    if ('stream' in report) this.streams[report.stream as StreamName]?.add(report)
    else if ('published' in report) this.producers[report.published as ProducerName]?.add(report)
    else if ('request' in report) this.requests.add(report)
    else if ('met' in report) this.#met.set(report.met, report.atS)
  }

  /** Seconds on the steady clock. */
  metAtS(camera: number | undefined): number | undefined {
    return camera === undefined ? undefined : this.#met.get(camera)
  }

  /** Every stream has brought something. */
  get flowing(): boolean {
    return STREAMS.every((name) => this.streams[name].records > 0)
  }

  /** Nothing more is put, every reader has come to the end, no request is open: the accounts must balance. */
  get settled(): boolean {
    const { camera, joint_states: joints, inference } = this.streams
    const ended = (stream: StreamStats, producer: PublishStats) => producer.resting && stream.last === producer.number
    return (
      ended(camera, this.producers.camera) &&
      ended(joints, this.producers.joint_states) &&
      inference.records + inference.lost === this.requests.asked
    )
  }
}
