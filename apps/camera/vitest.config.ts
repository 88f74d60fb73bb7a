import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'app-camera', include: ['test/**/*.test.ts'] } })
