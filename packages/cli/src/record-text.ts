import type { Message } from 'robotmq'
import type { Context } from './context.ts'
import { decode } from './decode.ts'
import { payloadPreview } from './payload-preview.ts'
import { formatBytes, formatSeconds } from './units.ts'
import { valueText } from './value-text.ts'

/** A record on one line: sequence, timestamp, age, size, and how the payload begins. */
export function recordLine(message: Message): string {
  return `${recordHead(message)}  ${payloadPreview(message.data)}`
}

/** A record's line, and below it the value that was serialized; where there is none, the payload's beginning. */
export function decodedRecordText(message: Message, context: Context): string {
  const decoded = decode(message)
  if ('value' in decoded) return `${recordHead(message)}\n${valueText(decoded.value, context.output.columns)}`
  context.notice(`rmq: ${decoded.problem}`)
  return recordLine(message)
}

function recordHead({ sequence, timestampS, ageS, data }: Message): string {
  return [
    (Number.isNaN(sequence) ? '#-' : `#${sequence}`).padEnd(7),
    `${timestampS.toFixed(6)} s`.padStart(15),
    `age ${formatSeconds(ageS())}`.padStart(12),
    formatBytes(data.byteLength).padStart(8),
  ].join('  ')
}
