import { type Command, Option } from 'commander'
import { deserialize } from 'robotmq'
import type { Context } from './context.ts'
import { jsonText } from './json-text.ts'
import { asText, payloadPreview } from './payload-preview.ts'
import { printable } from './printable.ts'
import { formatBytes } from './units.ts'
import { valueJson } from './value-json.ts'
import { valueText } from './value-text.ts'

/** How a reply is shown: as its bytes where nothing is chosen. */
export interface ReplyFormatOptions {
  readonly raw?: boolean
  readonly json?: boolean
  readonly decode?: boolean
}

export function addReplyFormatOptions(command: Command): Command {
  return command
    .addOption(new Option('--raw', "write the reply's bytes to a terminal too").conflicts(['json', 'decode']))
    .addOption(new Option('--json', 'print an object with the reply in base64'))
    .addOption(new Option('--decode', 'show the value that serialize() put into the reply'))
}

export async function writeReply(
  topic: string,
  data: Uint8Array,
  { raw, json, decode }: ReplyFormatOptions,
  { output, notice }: Context,
): Promise<void> {
  if (decode) {
    const value = deserialize(data)
    return output.line(json ? jsonText({ topic, value: valueJson(value) }) : valueText(value, output.columns))
  }
  if (json) return output.line(jsonText({ topic, data: Buffer.from(data).toString('base64') }))
  if (raw || !output.isTerminal) return output.write(data)
  const text = asText(data)
  if (text !== undefined) return output.line(printable(text))
  notice(
    `The reply of ${formatBytes(data.byteLength)} is not text: --raw writes it here all the same, --decode decodes it.`,
  )
  return output.line(payloadPreview(data))
}
