// Measures Port's native binding. A process of its own, because the binding is built for one version
// of Node and a crash of it must not end the benchmark.
const { JQ_NODE_BINDINGS } = process.env
const { renderRecursively } = require(JQ_NODE_BINDINGS || '@port-labs/jq-node-bindings')

const rounds = 5
const roundMilliseconds = 120

function measure(call) {
  const results = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    let calls = 0
    do {
      call()
      calls++
    } while (performance.now() - start < roundMilliseconds)
    if (round > 0) results.push((performance.now() - start) / calls)
  }
  return results.sort((a, b) => a - b)[Math.floor(rounds / 2)]
}

let text = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  text += chunk
})
process.stdin.on('end', () => {
  const times = JSON.parse(text).map(({ template, other, contexts }) => {
    let isOther = false
    return measure(() => {
      isOther = !isOther
      const current = isOther && other ? other : template
      return contexts.map((context) => renderRecursively(context, current))
    })
  })
  process.stdout.write(JSON.stringify(times))
})
