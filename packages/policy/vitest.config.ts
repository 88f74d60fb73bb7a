import { defineProject } from 'vitest/config'

// Each test starts processes of the other side.
export default defineProject({
  test: { name: 'policy', include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
})
