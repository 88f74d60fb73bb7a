export { guardExit } from './exit-guard.ts'
export { runServerThread, type ServerThreadOptions } from './run-server-thread.ts'
export { ThreadEngine, type ThreadEngineOptions } from './thread-engine.ts'
