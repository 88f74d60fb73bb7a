import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The Python with rapidocr. Without one the test is skipped, with the remedy; with RMQ_REQUIRE_ALL=1 it fails. */
export function needVisionPython(context: { skip(note?: string): never }): string {
  const made = fileURLToPath(new URL('../../../../.venv-vision/bin/python', import.meta.url))
  const python = process.env['RMQ_PYTHON_VISION'] || made
  if (existsSync(python)) return python
  const reason = `no ${python} with rapidocr: run \`npm run venv\``
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
  return context.skip(reason)
}
