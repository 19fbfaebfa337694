import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Row } from './rows.ts'

const peer = fileURLToPath(new URL('./native-peer.cjs', import.meta.url))

const advice = `Without @port-labs/jq-node-bindings, the native binding that Port uses. To compare with it:
  npm i --no-save @port-labs/jq-node-bindings@0.0.12   (needs a C compiler, autoconf, automake, libtool, flex, bison)
or set JQ_NODE_BINDINGS to the folder of an installed one, and JQ_NODE to the node that it was built for.`

/** Milliseconds per row, or undefined where the binding is not installed; then says how to. */
export function measureNative(rows: readonly Row[]): number[] | undefined {
  const { status, stdout, stderr } = spawnSync(process.env.JQ_NODE ?? process.execPath, [peer], {
    input: JSON.stringify(rows),
    encoding: 'utf8',
  })
  if (status === 0) return JSON.parse(stdout)
  console.log(advice)
  if (process.env.JQ_NODE_BINDINGS !== undefined) console.log(stderr)
  return undefined
}
