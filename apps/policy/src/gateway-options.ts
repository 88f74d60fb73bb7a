import { positiveInteger, positiveNumber, UsageError } from '@rmq/app-kit'
import type { GatewayOptions } from '@rmq/policy'

type Values = Readonly<Record<string, string | boolean | undefined>>

/** Whom the command line wants to be served, and how. @throws UsageError */
export function gatewayOptions(values: Values): GatewayOptions {
  const { endpoint, openpi, groot, topic, host } = values as Readonly<Record<string, string | undefined>>
  if (endpoint === undefined && openpi === undefined && groot === undefined) {
    throw new UsageError('say whom to serve: --endpoint, --openpi or --groot')
  }
  return {
    ...(endpoint !== undefined && { robotmq: { endpoint, ...(topic !== undefined && { topic }) } }),
    ...(openpi !== undefined && { openpi: { port: port(openpi), ...(host !== undefined && { host }) } }),
    ...(groot !== undefined && { groot: { endpoint: groot } }),
    deadlineS: positiveNumber('deadline', values['deadline']),
    maxWaiting: positiveInteger('waiting', values['waiting']),
    latestWins: values['latest-wins'] === true,
  }
}

/** 0 lets the system choose. */
function port(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value < 65_536) return value
  throw new UsageError(`--openpi must be a port, got ${text}`)
}
