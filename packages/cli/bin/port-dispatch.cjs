#!/usr/bin/env node
// Older versions of Node would end with a stack trace.
const [major] = process.versions.node.split('.')
if (Number(major) < 24) {
  process.stderr.write(
    `error: port-dispatch needs Node 24 or later; this is ${process.version}. In GitLab CI choose an image with it, for example node:24-alpine.\n`,
  )
  process.exitCode = 2
} else {
  require('../dist/main.cjs')
}
