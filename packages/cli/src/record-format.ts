import { type Command, Option } from 'commander'
import type { Message } from 'robotmq'
import type { Context } from './context.ts'
import { jsonText } from './json-text.ts'
import { recordJson } from './record-json.ts'
import { decodedRecordText, recordLine } from './record-text.ts'

/** How records are shown: a line each where nothing is chosen. */
export interface RecordFormatOptions {
  readonly raw?: boolean
  readonly json?: boolean
  readonly decode?: boolean
}

export function addRecordFormatOptions(command: Command, json: string): Command {
  return command
    .addOption(new Option('--raw', "write the records' bytes and nothing else").conflicts(['json', 'decode']))
    .addOption(new Option('--json', json))
    .addOption(new Option('--decode', 'show the values that serialize() put into the records'))
}

/** What one record looks like; JSON without the line break. */
export function formatRecord(message: Message, options: RecordFormatOptions, context: Context): string | Uint8Array {
  if (options.raw) return message.data
  if (options.json) return jsonText(recordJson(message, options.decode ? context : undefined))
  if (options.decode) return `${decodedRecordText(message, context)}\n`
  return `${recordLine(message)}\n`
}

/** Writes the records that one call brought: with `--json` as an array. */
export async function writeRecords(
  messages: readonly Message[],
  options: RecordFormatOptions,
  context: Context,
): Promise<void> {
  const { output } = context
  if (!options.json) {
    for (const message of messages) await output.write(formatRecord(message, options, context))
    return
  }
  if (messages.length === 0) return output.line('[]')
  for (const [index, message] of messages.entries()) {
    await output.write(index === 0 ? '[\n' : ',\n')
    await output.write(formatRecord(message, options, context))
  }
  await output.write('\n]\n')
}
