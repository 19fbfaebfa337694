module.exports = new Proxy({}, { get: (_, name) => require('node:crypto')[name] })
