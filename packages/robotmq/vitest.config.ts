import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'robotmq', include: ['test/**/*.test.ts'] } })
