export {
  type ClientLimits,
  type ClientSecurity,
  clientLimits,
  type ServerAccess,
  type ServerSecurity,
} from './access.ts'
export { requireByteLength } from './arguments.ts'
export type { TopicAccess } from './attachments.ts'
export type {
  CallOptions,
  ClientPutOptions,
  PeekAlignedOptions,
  PeekAtOptions,
  PeekOptions,
  RequestOptions,
} from './call-options.ts'
export { Cancellation } from './cancellation.ts'
export { type ClientEvents, RMQClient } from './client.ts'
export type { ClientOptions, ClientParts } from './client-options.ts'
export { StartTime, steadyClockUs, systemClockUs } from './clock.ts'
export { type ClockEstimate, sameHostClock, UNKNOWN_CLOCK } from './clock-estimate.ts'
export type { Command, Op, Replies, Reply, ReplyTo, RequestKey } from './command.ts'
export type { Answer, Engine, EngineRequest, EngineStart, RequestSink, ServerCounters, ServerLimits } from './engine.ts'
export { errorText, RmqError, type RmqErrorCode } from './errors.ts'
export type { Credit, Feed, FeedBatch, FeedEnd, FeedRequest, FeedSink, FeedStart, LinkFeedSink } from './feed.ts'
export { type HeapHomeOptions, heapHome } from './heap-topic.ts'
export { inProcessTransport } from './in-process-transport.ts'
export type { Lease } from './lease.ts'
export { LocalEngine, type LocalEngineOptions } from './local-engine.ts'
export { createLogger, type Logger, RMQLogLevel } from './log.ts'
export type { Message, TopicRecord } from './message.ts'
export type { Job, PutJobOptions } from './pipeline/job-list.ts'
export type { JobContext, JobHandler } from './pipeline/membership.ts'
export { type AbandonedJob, Pipeline, type PipelineCounts, type PipelineOptions } from './pipeline/pipeline.ts'
export { PipelineWorker, type WorkOptions } from './pipeline/pipeline-worker.ts'
export { type Pollable, type Polled, Poller, type PollOptions, poll, type ReceiveOptions } from './poller.ts'
export { randomId } from './random-id.ts'
export type { RecordTimes } from './record-times.ts'
export type { IncomingRequest, RequestContext, RequestHandler } from './request.ts'
export { parseRetention, type Retention, type RetentionOptions } from './retention.ts'
export { type Loan, type PutOptions, RMQServer, type ServerOptions, type SharedTopicSeed } from './server.ts'
export type { StaleEvent } from './stale-watch.ts'
export { type SubscribeOptions, Subscription } from './subscription.ts'
export { timerMs } from './timer.ts'
export type {
  Followed,
  FollowerCounts,
  FollowStart,
  RecordCursor,
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
