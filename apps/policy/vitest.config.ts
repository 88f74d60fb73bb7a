import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'app-policy', include: ['test/**/*.test.ts'] } })
