// What stands for the module "crypto" in the bundles of the Action. @actions/core takes a UUID from it for each output, to
// separate texts so that none can end the other; to load all of crypto for that takes longer than all else that REPORT
// does. The system's source of random numbers is the one that crypto reads too.
const { closeSync, openSync, readSync } = require('node:fs')

function randomUUID() {
  if (process.platform === 'win32') return require('node:crypto').randomUUID()
  const bytes = Buffer.alloc(16)
  const source = openSync('/dev/urandom')
  try {
    if (readSync(source, bytes) < bytes.length) return require('node:crypto').randomUUID()
  } finally {
    closeSync(source)
  }
  return bytes.toString('hex')
}

// Whoever needs more gets the real one.
module.exports = new Proxy(
  { randomUUID },
  { get: (own, name) => own[name] ?? require('node:crypto')[name] },
)
