import { existsSync, readdirSync } from 'node:fs'
import { SEGMENT_FOLDER } from '../segment-path.ts'

/** Whether memory of a topic of this name lies here, of whichever robotmq server: `rmq_<user>_<pid>_<server>_<topic>`. */
export function holdsTopic(topic: string): boolean {
  const names = new Set(existsSync(SEGMENT_FOLDER) ? readdirSync(SEGMENT_FOLDER) : [])
  for (const name of names) {
    if (name.startsWith('rmq_') && name.endsWith(`_${topic}`) && names.has(`${name}_mutex`)) return true
  }
  return false
}
