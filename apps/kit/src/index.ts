export { findPython, type Python, type PythonSearch } from './find-python.ts'
export { positiveInteger, positiveNumber, required } from './option-values.ts'
export { type Order, Orders } from './orders.ts'
export { Pacer, type PacerOptions } from './pacer.ts'
export { sleepUntilUs } from './precise-sleep.ts'
export { type Program, runProgram, UsageError } from './program.ts'
export { PublishReporter, type PublishReporterOptions } from './publish-reporter.ts'
export {
  type HoldingReport,
  type MetReport,
  type PictureReport,
  type PublishReport,
  parseReport,
  type Report,
  type RequestReport,
  type StreamReport,
  type UnfinishedReport,
  writeReport,
} from './report.ts'
export { type StopSignal, stopSignal } from './stop-signal.ts'
export { type Seen, StreamReporter } from './stream-reporter.ts'
