import { defineProject } from 'vitest/config'

// Each test starts processes, and not all machines are fast.
export default defineProject({
  test: { name: 'cli', include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
})
