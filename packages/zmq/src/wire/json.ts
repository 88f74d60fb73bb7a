import { RmqError } from '@rmq/core'

/** JSON has no Infinity, which a topic's retention may hold: such numbers travel as `{"#": "Infinity"}`. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? { '#': String(inner) } : inner,
  )
}

/** @throws MALFORMED_MESSAGE for text that is no JSON object */
export function decodeJson(text: string): Record<string, unknown> {
  const value = parse(text, text.includes('"#"') ? revive : undefined)
  if (typeof value !== 'object' || value === null)
    throw new RmqError('MALFORMED_MESSAGE', 'A message tells no JSON object.')
  return value as Record<string, unknown>
}

function parse(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (cause) {
    throw new RmqError('MALFORMED_MESSAGE', 'The text of a message is not JSON.', { cause })
  }
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('#' in value)) return value
  return Number(value['#'])
}
