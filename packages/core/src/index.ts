export { requireByteLength } from './arguments.ts'
export type { TopicAccess } from './attachments.ts'
export {
  type CallOptions,
  type ClientEvents,
  type ClientOptions,
  type ClientParts,
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
export type { Lease } from './lease.ts'
export { LocalEngine, type LocalEngineOptions } from './local-engine.ts'
export { createLogger, type Logger, RMQLogLevel } from './log.ts'
export type { Message, TopicRecord } from './message.ts'
export { randomId } from './random-id.ts'
export type { IncomingRequest, RequestContext, RequestHandler } from './request.ts'
export { parseRetention, type Retention, type RetentionOptions } from './retention.ts'
export { type Loan, type PutOptions, RMQServer, type ServerOptions, type SharedTopicSeed } from './server.ts'
export { type SubscribeOptions, Subscription } from './subscription.ts'
export { timerMs } from './timer.ts'
export type {
  Followed,
  FollowerCounts,
  RecordLease,
  RecordLoan,
  RecordReference,
  ReferredRecord,
  ServerTime,
  SharedTopicHome,
  SharedTopicStore,
  Stamp,
  TopicAddress,
  TopicDescription,
  TopicFollower,
  TopicHome,
  TopicPlace,
  TopicSpec,
  TopicStatus,
  TopicStore,
} from './topic.ts'
export { MAX_TOPIC_NAME_BYTES, parseTopicName, type TopicName } from './topic-name.ts'
export type {
  CallOptions as LinkCallOptions,
  CancelSignal,
  ConnectOptions,
  FileReference,
  Link,
  LinkEvents,
  Listener,
  OfferedFile,
  Peer,
  ReferenceExchange,
  Session,
  SessionHost,
  Transport,
} from './transport.ts'
