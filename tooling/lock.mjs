import { foreground } from './lib/foreground.mjs'
import { pnpm } from './lib/pnpm.mjs'
import { root } from './lib/root.mjs'

// After a package.json changed: installs, and writes pnpm-lock.yaml anew.
process.exitCode = await foreground(...pnpm('install', '--no-frozen-lockfile'), { cwd: root })
