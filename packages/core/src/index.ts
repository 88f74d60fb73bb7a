export {
  type CallOptions,
  type ClientEvents,
  type ClientOptions,
  type ClientPutOptions,
  type PeekOptions,
  RMQClient,
} from './client.ts'
export { StartTime, steadyClockUs, systemClockUs } from './clock.ts'
export type { Command, Op, Replies, Reply, ReplyTo, RequestKey } from './command.ts'
export type { Answer, Engine, EngineRequest, EngineStart, RequestSink, ServerCounters, ServerLimits } from './engine.ts'
export { errorText, RmqError, type RmqErrorCode } from './errors.ts'
export { type HeapHomeOptions, heapHome } from './heap-topic.ts'
export { inProcessTransport } from './in-process-transport.ts'
export { LocalEngine, type LocalEngineOptions } from './local-engine.ts'
export { createLogger, type Logger, RMQLogLevel } from './log.ts'
export type { Message, TopicRecord } from './message.ts'
export { randomId } from './random-id.ts'
export type { IncomingRequest, RequestContext, RequestHandler } from './request.ts'
export { parseRetention, type Retention, type RetentionOptions } from './retention.ts'
export { type PutOptions, RMQServer, type ServerOptions } from './server.ts'
export type { ServerTime, Stamp, TopicDescription, TopicHome, TopicSpec, TopicStatus, TopicStore } from './topic.ts'
export { MAX_TOPIC_NAME_BYTES, parseTopicName, type TopicName } from './topic-name.ts'
export type {
  CallOptions as LinkCallOptions,
  CancelSignal,
  ConnectOptions,
  Link,
  LinkEvents,
  Listener,
  Peer,
  Session,
  SessionHost,
  Transport,
} from './transport.ts'
