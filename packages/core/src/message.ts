/** One record of a topic, as a reader gets it. */
export interface Message {
  readonly topic: string
  /** Which life of the topic the record belongs to: another value after a server's restart or `resetStartTime`. */
  readonly epoch: string
  /** Counts the topic's records from 1, in the order of their puts; unique within an epoch. NaN from a server that does not tell. */
  readonly sequence: number
  /** When the record was put, in seconds on the server's clock. */
  readonly timestampS: number
  /** When the sensor saw it, in seconds on the steady clock of the server's host, if the producer told. */
  readonly captureTimeS?: number
  /** The payload, yours to keep and to change. */
  readonly data: Uint8Array
  /** Records that this reader could not get between its previous record and this one. */
  readonly lostBefore: number
  /** Seconds since the put, at the time of the call. */
  ageS(): number
}

/** One record as stores and links carry it. */
export interface TopicRecord {
  readonly sequence: number
  readonly timestampS: number
  readonly captureTimeS?: number
  readonly data: Uint8Array
}

/** @param nowS the server's clock, in seconds, as this side knows it */
export function toMessage(
  topic: string,
  epoch: string,
  record: TopicRecord,
  nowS: () => number,
  lostBefore = 0,
): Message {
  const { sequence, timestampS, captureTimeS, data } = record
  const ageS = () => nowS() - timestampS
  const message = { topic, epoch, sequence, timestampS, data, lostBefore, ageS }
  return captureTimeS === undefined ? message : { ...message, captureTimeS }
}

/** The same records in memory of their own, for a reader who may keep and change them. */
export function ownRecords(records: readonly TopicRecord[]): TopicRecord[] {
  return records.map((record) => ({ ...record, data: new Uint8Array(record.data) }))
}
