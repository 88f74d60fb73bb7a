import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'app-demo', include: ['test/**/*.test.ts'] } })
