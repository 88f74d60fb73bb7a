import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'app-robot', include: ['test/**/*.test.ts'] } })
