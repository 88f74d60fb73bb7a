import { existsSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { workspacePackages } from './tooling/lib/workspace.mjs'

// A project takes nothing from this file by itself, so the limits are handed to each; a test that needs longer says so.
const limits = { testTimeout: 30_000, hookTimeout: 60_000 }
const projects = workspacePackages().map(({ folder, directory }) => {
  const config = path.join(directory, 'vitest.config.ts')
  if (existsSync(config)) return { extends: config, root: directory, test: limits }
  const include = ['test/**/*.test.{ts,mjs}']
  return { root: directory, test: { name: path.basename(folder), include, ...limits } }
})

// Two cores carry real peers in processes of their own: one test file at a time keeps timing claims honest.
export default defineConfig({
  test: { projects, fileParallelism: false, teardownTimeout: 20_000 },
})
